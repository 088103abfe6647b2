//! A YAML document as a tree that knows where everything stands, so that each problem can be pointed at. It gives no meaning to keys.

use serde_saphyr::granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

/// Deeper documents are refused: nothing of ours nests so far, and readers recurse.
const DEPTH: usize = 48;

/// Line and column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    /// Reported already; whoever reads it gives up without another word.
    pub(crate) bad: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Unquoted, so that `1` is a number and `true` a truth value.
    pub(crate) plain: bool,
    /// The line its text begins on: the one below the `|` of a block.
    pub(crate) text_line: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) value: Node,
}

/// Something the document may not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeProblem {
    pub(crate) place: Place,
    pub(crate) problem: String,
    pub(crate) remedy: &'static str,
}

/// Reads one document. The tree is absent when the text is no YAML at all; the problems say why, or what was left out.
pub(crate) fn parse(text: &str) -> (Option<Node>, Vec<TreeProblem>) {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut reader = TreeReader { parser: Parser::new_from_str_with_options(text, options), problems: Vec::new() };
    let tree = match reader.document() {
        Ok(tree) => Some(tree),
        Err(Stop::Syntax(error)) => {
            let problem = format!("this is not YAML: {}", error.info());
            reader.note(place(*error.marker()), problem, "correct the syntax; indent with blanks, never with tabs");
            None
        }
        Err(Stop::Reported) => None,
    };
    (tree, reader.problems)
}

type Source<'t> = Parser<'t, serde_saphyr::granit_parser::StrInput<'t>>;

struct TreeReader<'t> {
    parser: Source<'t>,
    problems: Vec<TreeProblem>,
}

enum Stop {
    Syntax(ScanError),
    Reported,
}

impl TreeReader<'_> {
    fn next(&mut self) -> Result<(Event<'static>, Span), Stop> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((owned(event), span)),
            Some(Err(error)) => Err(Stop::Syntax(error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn note(&mut self, place: Place, problem: impl Into<String>, remedy: &'static str) {
        self.problems.push(TreeProblem { place, problem: problem.into(), remedy });
    }

    fn document(&mut self) -> Result<Node, Stop> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) if root.is_some() => {
                    self.note(place(span.start), "a second document begins here", "one document per file: split it");
                    break;
                }
                Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                    root = Some(self.node(event, span, 0)?);
                }
                _ => {}
            }
        }
        Ok(root.unwrap_or(Node { place: Place { line: 1, column: 1 }, kind: Kind::Null, bad: false }))
    }

    fn node(&mut self, event: Event<'static>, span: Span, depth: usize) -> Result<Node, Stop> {
        let here = place(span.start);
        if depth > DEPTH {
            self.note(here, "this is nested too deeply", "flatten the document");
            return Err(Stop::Reported);
        }
        if event.tag().is_some() {
            self.note(here, "tags (`!…`) mean nothing here", "remove the tag");
        }
        let kind = match event {
            Event::Scalar(text, style, ..) => scalar(text.into_owned(), style, span),
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.map(depth)?,
            Event::Alias(_) => {
                self.note(here, "aliases (`*…`) are not read", "write the value out where it is needed");
                Kind::Null
            }
            _ => Kind::Null,
        };
        Ok(Node { place: here, kind, bad: false })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Stop> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::SequenceEnd | Event::StreamEnd => return Ok(Kind::List(items)),
                event => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                return Ok(Kind::Map(entries));
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            let Kind::Scalar(Scalar { text, .. }) = key.kind else {
                self.note(key.place, "a key must be a plain text", "write `key: value`");
                continue;
            };
            match entries.iter().find(|entry| entry.key == text) {
                Some(first) => {
                    let problem =
                        format!("`{text}` is given twice; it stands on line {} already", first.key_place.line);
                    self.note(key.place, problem, "keep one of the two");
                }
                None => entries.push(Entry { key: text, key_place: key.place, value }),
            }
        }
    }
}

/// The parser borrows its text; the tree does not.
fn owned(event: Event<'_>) -> Event<'static> {
    match event {
        Event::Scalar(text, style, anchor, tag) => Event::Scalar(
            text.into_owned().into(),
            style,
            anchor,
            tag.map(|tag| std::borrow::Cow::Owned(tag.into_owned())),
        ),
        Event::SequenceStart(style, anchor, tag) => {
            Event::SequenceStart(style, anchor, tag.map(|tag| std::borrow::Cow::Owned(tag.into_owned())))
        }
        Event::MappingStart(style, anchor, tag) => {
            Event::MappingStart(style, anchor, tag.map(|tag| std::borrow::Cow::Owned(tag.into_owned())))
        }
        Event::Alias(id) => Event::Alias(id),
        Event::DocumentStart(explicit, version) => Event::DocumentStart(explicit, version),
        Event::DocumentEnd => Event::DocumentEnd,
        Event::SequenceEnd => Event::SequenceEnd,
        Event::MappingEnd => Event::MappingEnd,
        Event::StreamEnd => Event::StreamEnd,
        _ => Event::StreamStart,
    }
}

fn scalar(text: String, style: ScalarStyle, span: Span) -> Kind {
    let plain = style == ScalarStyle::Plain;
    if plain && matches!(text.as_str(), "" | "~" | "null") {
        return Kind::Null;
    }
    let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    // A block's span begins at its first line that is not blank.
    let blank = if block { text.len() - text.trim_start_matches('\n').len() } else { 0 };
    let text_line = span.start.line().saturating_sub(blank);
    Kind::Scalar(Scalar { text, plain, text_line })
}

fn place(mark: serde_saphyr::granit_parser::Marker) -> Place {
    Place { line: mark.line(), column: mark.col() + 1 }
}

impl Node {
    /// The value under a key of this map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            Kind::Null | Kind::Scalar(_) | Kind::List(_) => None,
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null | Kind::Scalar(_) | Kind::Map(_) => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Where a text stands, the first time it does.
    pub(crate) fn find_text(&self, text: &str) -> Option<Place> {
        match &self.kind {
            Kind::Scalar(scalar) => (scalar.text == text).then_some(self.place),
            Kind::List(items) => items.iter().find_map(|item| item.find_text(text)),
            Kind::Map(entries) => entries.iter().find_map(|entry| entry.value.find_text(text)),
            Kind::Null => None,
        }
    }

    /// Where an RFC 6901 pointer leads; where it leaves the tree, the deepest value it reached.
    pub(crate) fn locate(&self, pointer: &str) -> &Self {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let next = match &node.kind {
                Kind::Map(_) => node.get(&step),
                Kind::List(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
                Kind::Null | Kind::Scalar(_) => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// As [`Node::locate`], but the place of the key where it leads to a value of a map.
    pub(crate) fn place_of(&self, pointer: &str) -> Place {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let key = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        if let Kind::Map(entries) = &self.locate(parent).kind
            && let Some(entry) = entries.iter().find(|entry| entry.key == key)
        {
            return entry.key_place;
        }
        self.locate(pointer).place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_text_begins_below_its_bar() {
        for (text, line, program) in [
            ("a: 1\nprogram: |\n  . = {}\n  .x = 1\n", 3, ". = {}\n.x = 1\n"),
            ("program: |\n\n\n  .x = 1\n", 2, "\n\n.x = 1\n"),
            ("program: |-\n  # why\n  .x = 1\n", 2, "# why\n.x = 1"),
            ("program: .x == 1\n", 1, ".x == 1"),
        ] {
            let (tree, problems) = parse(text);
            assert!(problems.is_empty());
            let tree = tree.unwrap();
            let found = tree.get("program").unwrap().scalar().unwrap();
            assert_eq!((found.text_line, found.text.as_str()), (line, program), "{text}");
        }
    }

    #[test]
    fn a_pointer_leads_to_its_place_or_to_the_nearest_value_above() {
        let (tree, _) = parse("routes:\n  - name: a\n    to:\n      inbox: x\n");
        let tree = tree.unwrap();
        assert_eq!(tree.place_of("/routes/0/to/inbox"), Place { line: 4, column: 7 });
        assert_eq!(tree.locate("/routes/0/missing").place.line, 2);
    }

    #[test]
    fn doubled_keys_aliases_tags_and_second_documents_are_all_reported() {
        let (tree, problems) = parse("a: &x 1\nb: *x\na: 2\nc: !t 3\n---\nd: 1\n");
        assert!(tree.is_some());
        let lines: Vec<usize> = problems.iter().map(|problem| problem.place.line).collect();
        assert_eq!(lines, [2, 3, 4, 5], "{problems:?}");
    }

    #[test]
    fn broken_syntax_and_bottomless_nesting_are_one_problem_each() {
        for text in ["a: [1, 2\nb: 3\n".to_owned(), "[".repeat(500), "a:\n\t- b".to_owned()] {
            let (tree, problems) = parse(&text);
            assert!(tree.is_none() && problems.len() == 1, "{text:.20} {problems:?}");
        }
    }
}
