//! Finds the text of one argument in a call, and where a variable it names came from, so that a fault can point at a field. It runs nothing.

/// Steps back from a variable to what it was made of.
const STEPS: usize = 4;

/// The text of an argument of a call such as `lookup!("t", .code, at: .day)`; the whole call when it cannot be told.
pub(super) fn of_call<'t>(call: &'t str, keyword: &str, place: usize) -> &'t str {
    let Some((_, inside)) = call.split_once('(') else { return call };
    let inside = inside.trim_end().strip_suffix(')').unwrap_or(inside);
    let arguments = separated(inside);
    let named = arguments.iter().find_map(|text| named(text).filter(|(name, _)| *name == keyword));
    if let Some((_, value)) = named {
        return value;
    }
    let positional: Vec<&str> = arguments.iter().copied().filter(|text| named_is_none(text)).collect();
    positional.get(place).copied().unwrap_or(call)
}

fn named_is_none(text: &str) -> bool {
    named(text).is_none()
}

/// `at: .day` as its name and value.
fn named(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(':')?;
    is_identifier(name.trim()).then(|| (name.trim(), value.trim()))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The pieces between commas that stand outside quotes and brackets.
fn separated(text: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut depth, mut quote, mut escaped) = (Vec::new(), 0, 0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(end), _) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                pieces.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    pieces.push(text.get(start..).unwrap_or_default().trim());
    pieces
}

/// What a variable was made of, followed back through assignments and closures in the program before it; the text itself otherwise.
/// An element of an array that a closure goes through counts as the array's own field.
pub(super) fn traced(argument: &str, before: &str) -> String {
    let mut text = argument.trim().to_owned();
    for _ in 0..STEPS {
        let start = text.find(|c: char| c.is_ascii_alphabetic() || c == '_');
        let name: String =
            text.chars().skip(start.unwrap_or(0)).take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let rest = text.get(start.unwrap_or(0) + name.len()..).unwrap_or_default();
        if text.contains('"') || start != Some(0) || rest.trim_start().starts_with(['(', '!']) {
            return text;
        }
        let path = rest.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']'))).next();
        match origin(&name, before) {
            Some(origin) => text = format!("{origin}{}", path.unwrap_or_default()),
            None => return text,
        }
    }
    text
}

/// The path a variable was assigned from, or that the closure it belongs to goes through.
fn origin(name: &str, before: &str) -> Option<String> {
    let assigned = before.lines().rev().find_map(|line| {
        let (target, value) = line.trim().split_once('=')?;
        (target.trim() == name && !value.starts_with('=')).then(|| value.trim().to_owned())
    });
    let value = match assigned {
        Some(value) => value,
        None => {
            let closure = before.rfind("-> |")?;
            let names = before.get(closure + 4..)?.split('|').next()?;
            names.split(',').any(|one| one.trim() == name).then_some(())?;
            before.get(..closure)?.lines().next_back()?.split('=').next_back()?.trim().to_owned()
        }
    };
    let start = value.find('.').filter(|at| {
        let previous = value.get(..*at).and_then(|head| head.chars().next_back());
        !previous.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ')' | ']'))
    });
    let text = match start {
        Some(at) => value.get(at..)?,
        None if value.starts_with(|c: char| c.is_ascii_alphabetic()) => value.as_str(),
        None => return None,
    };
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '@')));
    text.get(..end.unwrap_or(text.len())).map(|path| path.trim_end_matches('.').to_owned())
}

/// Whether a statement before this place gives the message another value as a whole (`. = …`). The statement the place is in has not.
pub(super) fn replaced(before: &str) -> bool {
    let mut start = 0;
    for line in before.split_inclusive('\n') {
        let assigned = line.trim_start().strip_prefix('.').and_then(|rest| rest.trim_start().strip_prefix('='));
        if assigned.is_some_and(|rest| !rest.starts_with('=')) && is_ended(before.get(start..).unwrap_or_default()) {
            return true;
        }
        start += line.len();
    }
    false
}

/// Whether a statement before this place assigns the path, alone or with others (`.a, error = …`).
pub(super) fn assigned(before: &str, path: &str) -> bool {
    before.match_indices(path).any(|(at, _)| {
        let statement = before.get(at..).unwrap_or_default();
        let Some((targets, value)) = statement.split_once('=') else { return false };
        let only_targets = targets
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | ',' | ' ' | '|' | '"' | '@'));
        only_targets && !value.starts_with('=') && is_ended(statement)
    })
}

/// Whether a statement that begins here ends before the text does: at a line's end or a semicolon outside brackets and quotes.
fn is_ended(statement: &str) -> bool {
    let (mut depth, mut quote, mut escaped, mut value) = (0_usize, None, false, false);
    let after = statement.split_once('=').map_or("", |(_, after)| after);
    for c in after.chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(end), _) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '\n' | ';') if depth == 0 && value => return true,
            (None, _) => {}
        }
        value = value || !c.is_whitespace();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_found_by_place_and_by_name() {
        let call = "lookup!(\"a, (b\", string!(.x[0].y), at: .day, column: \"c\")";
        assert_eq!(of_call(call, "table", 0), "\"a, (b\"");
        assert_eq!(of_call(call, "code", 1), "string!(.x[0].y)");
        assert_eq!(of_call(call, "at", 2), ".day");
        assert_eq!(of_call("lookup!(at: .d, code: .c, table: \"t\")", "code", 1), ".c");
        assert_eq!(of_call("lookup!(\"t\")", "code", 1), "lookup!(\"t\")");
    }

    #[test]
    fn a_message_is_the_received_one_until_it_is_replaced() {
        assert!(replaced(". = {\"a\": .b,\n \"c\": 1}\n.d = "));
        assert!(replaced("x = 1\n. = merge(., {})\n"));
        for same in ["x = .a\n. = {\"b\":\n ", ". = ", ". = merge(., ", "if . == {} { x = ", ".a = 1\n", ". == .b\n"] {
            assert!(!replaced(same), "{same}");
        }
    }

    #[test]
    fn a_field_is_the_received_one_until_it_is_assigned() {
        for made in [".a = 1\n", "if .b == 1 { .a = 2 }\n", ".a.c = f(.a,\n .b)\n", ".a, error = f(.b)\n", ".a |= {}\n"]
        {
            assert!(assigned(made, ".a"), "{made}");
        }
        for same in [".a = ", ".a = f(", "x = .a\n", ".a == 1\n", ".b = .a\n.a = g("] {
            assert!(!assigned(same, ".a"), "{same}");
        }
    }

    #[test]
    fn a_variable_is_followed_to_the_field_it_came_from() {
        assert_eq!(traced(".code", ""), ".code");
        assert_eq!(traced("code", "code = string!(.owner.province)\n"), ".owner.province");
        assert_eq!(traced("inner", "outer = .a.b\ninner = outer\n"), ".a.b");
        assert_eq!(traced("paper.kind", ".p = map_values(array!(.papers)) -> |paper| {\n"), ".papers.kind");
        assert_eq!(traced("unknown", "x = 1"), "unknown");
        assert_eq!(traced("string!(.a)", ""), "string!(.a)");
    }
}
