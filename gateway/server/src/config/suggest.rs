//! The nearest known word to a misspelt one. It reports nothing itself.

/// The known word that differs least from `given`, when it differs by few letters.
pub(crate) fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let given = given.to_lowercase().replace('-', "_");
    let bound = (given.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|word| (distance(&given, &word.to_lowercase().replace('-', "_")), word))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Letters to insert, remove or replace, two neighbours exchanged counting once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let cell = |back: usize, column: usize| {
                rows.len().checked_sub(back).and_then(|r| rows.get(r)).and_then(|r| r.get(column)).copied()
            };
            let above = cell(1, j + 1).unwrap_or(usize::MAX - 1);
            let corner = cell(1, j).unwrap_or(usize::MAX - 1);
            let left = row.last().copied().unwrap_or(usize::MAX - 1);
            let mut best = (above + 1).min(left + 1).min(corner + usize::from(x != y));
            let exchanged = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if let (true, Some(before)) = (exchanged, cell(2, j.wrapping_sub(1))) {
                best = best.min(before + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_their_neighbours_and_strangers_find_none() {
        let known = ["listen", "journal", "retention", "on_parked"];
        assert_eq!(nearest("lisetn", known), Some("listen"));
        assert_eq!(nearest("on-parked", known), Some("on_parked"));
        assert_eq!(nearest("retentoin", known), Some("retention"));
        assert_eq!(nearest("colour", known), None);
    }
}
