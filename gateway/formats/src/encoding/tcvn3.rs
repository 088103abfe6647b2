//! TCVN3 (the third form of TCVN 5712:1993, whose fonts are called ABC) into Unicode. It reads declared bytes and guesses no letter.

/// Letters from byte 0xA1 on; a blank where the standard has none.
const LETTERS: &str = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ";
const FIRST: u8 = 0xa1;

/// The text; the place of the first byte that is no letter otherwise.
///
/// The encoding has capitals without a tone only. A word in capitals was written with a font that shows all its letters so: one
/// with a capital after its first letter and no small Latin letter (`NGUYễN`) is read in capitals.
pub(super) fn decoded(bytes: &[u8]) -> Result<String, usize> {
    let letters: Vec<char> = LETTERS.chars().collect();
    let letter = |(at, byte): (usize, &u8)| match byte {
        1..=0x7f => Ok(char::from(*byte)),
        _high => {
            let place = byte.checked_sub(FIRST).map(usize::from);
            place.and_then(|place| letters.get(place)).copied().filter(|letter| *letter != ' ').ok_or(at)
        }
    };
    let text: String = bytes.iter().enumerate().map(letter).collect::<Result<_, usize>>()?;
    Ok(in_capitals(&text))
}

fn in_capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphabetic() {
            word.push(c);
        } else {
            finish(&mut word, &mut out);
            out.push(c);
        }
    }
    finish(&mut word, &mut out);
    out
}

fn finish(word: &mut String, out: &mut String) {
    let capital = word.chars().skip(1).any(char::is_uppercase) && !word.contains(|c: char| c.is_ascii_lowercase());
    match capital {
        true => out.extend(word.chars().flat_map(char::to_uppercase)),
        false => out.push_str(word),
    }
    word.clear();
}
