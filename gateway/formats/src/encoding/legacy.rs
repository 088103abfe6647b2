//! Counts what in a text fits which legacy encoding. It decides nothing on a single byte.

use super::Legacy;

/// The part of high bytes that must fit before an encoding is named, in per cent.
const FIT: usize = 70;

/// What bytes that are not UTF-8 look like.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<Legacy> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || is_sixteen_bit(bytes) {
        return Some(Legacy::Utf16);
    }
    best(bytes)
}

/// What a text of Latin-1 characters was before it was mistaken for one. Vietnamese itself has letters of Latin-1 (à, ê, ô), so that
/// signs which Vietnamese does not have must be there.
pub(super) fn of_latin(bytes: &[u8]) -> Option<Legacy> {
    let legacy = best(bytes)?;
    let strange = bytes.windows(2).filter(|pair| is_strange(legacy, pair)).count();
    (strange >= 2).then_some(legacy)
}

fn is_strange(legacy: Legacy, pair: &[u8]) -> bool {
    let [before, byte] = pair else { return false };
    match legacy {
        Legacy::Utf16 => false,
        // Signs such as ¨ © ® µ · ¸ ¹ inside words.
        Legacy::Tcvn3 => {
            matches!(byte, 0xa8..=0xae | 0xb5..=0xb9 | 0xbb..=0xbe) && before.is_ascii_alphabetic()
                || matches!(before, 0xa7 | 0xae)
        }
        Legacy::Vni => {
            vni_mark(*before, *byte)
                && !matches!(byte, 0xf9 | 0xf5 | 0xe2 | 0xe1 | 0xe0 | 0xe3 | 0xea | 0xe9 | 0xe8 | 0xfa)
        }
        Legacy::Windows1258 => matches!(byte, 0xf0 | 0xd0 | 0xfe | 0xde) || tone_1258(*before, *byte),
    }
}

fn is_sixteen_bit(bytes: &[u8]) -> bool {
    let zeros = bytes.iter().take(512).filter(|b| **b == 0).count();
    let looked_at = bytes.len().min(512);
    looked_at >= 8 && zeros * 4 > looked_at && zeros * 4 < looked_at * 3
}

/// The encoding that explains the most high bytes, when it explains nearly all.
fn best(bytes: &[u8]) -> Option<Legacy> {
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    if high == 0 {
        return None;
    }
    let counts = [(Legacy::Tcvn3, tcvn3(bytes)), (Legacy::Vni, vni(bytes)), (Legacy::Windows1258, windows_1258(bytes))];
    let most = counts.iter().map(|(_, count)| *count).max()?;
    let mut leaders = counts.iter().filter(|(_, count)| *count == most);
    let (legacy, count) = leaders.next()?;
    (leaders.next().is_none() && count * 100 >= high * FIT).then_some(*legacy)
}

/// TCVN3 keeps most of its letters where the others have signs; one in five of the high bytes of a Vietnamese text is there.
fn tcvn3(bytes: &[u8]) -> usize {
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let signs = bytes.iter().filter(|b| matches!(b, 0xa7..=0xae | 0xb5..=0xb9 | 0xbb..=0xbe)).count();
    if signs * 5 < high {
        return 0;
    }
    bytes.iter().filter(|b| matches!(b, 0xa1..=0xae | 0xb5..=0xfe)).count()
}

fn vni(bytes: &[u8]) -> usize {
    let marks = bytes.windows(2).filter(|pair| matches!(pair, [before, byte] if vni_mark(*before, *byte))).count();
    let letters = bytes
        .iter()
        .filter(|b| matches!(b, 0xf1 | 0xd1 | 0xf6 | 0xd6 | 0xf4 | 0xd4 | 0xed | 0xec | 0xe6 | 0xf3 | 0xf2 | 0xee))
        .count();
    if marks == 0 { 0 } else { marks + letters }
}

/// Whether the second byte marks the vowel that the first one is.
pub(super) fn vni_mark(before: u8, byte: u8) -> bool {
    let vowel = before.to_ascii_lowercase();
    let byte = if byte >= 0xc0 { byte | 0x20 } else { byte };
    match byte {
        // sắc, huyền, hỏi, ngã, nặng
        0xf9 | 0xf8 | 0xfb | 0xf5 | 0xef => {
            matches!(vowel, b'a' | b'e' | b'o' | b'u' | b'y' | 0xf4 | 0xf6 | 0xd4 | 0xd6)
        }
        // circumflex, alone and with a tone
        0xe0..=0xe5 => matches!(vowel, b'a' | b'e' | b'o'),
        // breve, alone and with a tone
        0xea | 0xe9 | 0xe8 | 0xfa | 0xfc | 0xeb => vowel == b'a',
        _other => false,
    }
}

fn windows_1258(bytes: &[u8]) -> usize {
    let tones = bytes.windows(2).filter(|pair| matches!(pair, [before, byte] if tone_1258(*before, *byte))).count();
    let letters = bytes
        .iter()
        .filter(|b| {
            matches!(b, 0xc2 | 0xc3 | 0xca | 0xd0 | 0xd4 | 0xd5 | 0xdd | 0xe2 | 0xe3 | 0xea | 0xf0 | 0xf4 | 0xf5 | 0xfd)
                || matches!(
                    b,
                    0xc0 | 0xc1
                        | 0xc8
                        | 0xc9
                        | 0xd9
                        | 0xda
                        | 0xe0
                        | 0xe1
                        | 0xe8
                        | 0xe9
                        | 0xf9
                        | 0xfa
                        | 0xcd
                        | 0xed
                        | 0xd3
                        | 0xf3
                )
        })
        .count();
    tones + letters
}

/// Whether the second byte is a tone of its own on the vowel that the first one is.
fn tone_1258(before: u8, byte: u8) -> bool {
    let vowel = matches!(before.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
        || matches!(before | 0x20, 0xe2 | 0xe3 | 0xea | 0xf4 | 0xf5 | 0xfd);
    vowel && matches!(byte, 0xcc | 0xec | 0xd2 | 0xde | 0xf2)
}
