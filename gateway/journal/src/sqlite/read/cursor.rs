//! Cursors of lists: a mark of the list and the numbers of a place. Whatever does not read so is refused.

use crate::record::Cursor;
use crate::sqlite::fail::Fail;

/// A cursor of the list marked `mark`.
pub(super) fn write(mark: char, place: &[i64]) -> Cursor {
    let numbers = place.iter().map(|number| format!("{number:x}")).collect::<Vec<_>>().join(".");
    Cursor(format!("{mark}{numbers}"))
}

/// The numbers of a cursor of the list marked `mark`.
pub(super) fn read<const N: usize>(cursor: &Cursor, mark: char) -> Result<[i64; N], Fail> {
    let numbers = cursor.0.strip_prefix(mark).ok_or(Fail::BadCursor)?;
    // Written as two's complement.
    let number = |text: &str| u64::from_str_radix(text, 16).map(u64::cast_signed).map_err(|_| Fail::BadCursor);
    let place = numbers.split('.').map(number).collect::<Result<Vec<i64>, _>>()?;
    place.try_into().map_err(|_| Fail::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let cursor = write('x', &[-5, i64::MAX]);
        assert_eq!(read::<2>(&cursor, 'x').unwrap(), [-5, i64::MAX]);
        assert!(read::<2>(&cursor, 'g').is_err());
        assert!(read::<3>(&cursor, 'x').is_err());
        for text in ["", "x", "x1", "x1.2.3", "x1.g", "đ"] {
            assert!(read::<2>(&Cursor(text.to_owned()), 'x').is_err(), "{text}");
        }
    }
}
