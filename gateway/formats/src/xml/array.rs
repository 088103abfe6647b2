//! Which elements are arrays however often they occur, and in what order elements are written. It reads no document.

use std::collections::{BTreeMap, BTreeSet};

/// Elements that are arrays in a value however often they occur, so that one notice and two notices have one shape. A bare name means
/// the element anywhere; a path from the document's element (`DATA/BODY/ROW_LIST/LIST`) means it there, and there it is an empty array
/// when its parent has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrays {
    anywhere: BTreeSet<String>,
    /// Parent's path -> names.
    below: BTreeMap<String, BTreeSet<String>>,
}

impl Arrays {
    pub fn new<T: AsRef<str>>(declared: impl IntoIterator<Item = T>) -> Self {
        let mut arrays = Self::default();
        for one in declared {
            let path = one.as_ref().trim_matches('/');
            match path.rsplit_once('/') {
                None => {
                    arrays.anywhere.insert(path.to_owned());
                }
                Some((parent, name)) => {
                    arrays.below.entry(parent.to_owned()).or_default().insert(name.to_owned());
                }
            }
        }
        arrays
    }

    /// The arrays an element at that path always has.
    pub(super) fn of(&self, parent: &str) -> impl Iterator<Item = &str> {
        self.below.get(parent).into_iter().flatten().map(String::as_str)
    }

    pub(super) fn holds(&self, parent: &str, name: &str) -> bool {
        self.anywhere.contains(name) || self.below.get(parent).is_some_and(|names| names.contains(name))
    }
}

/// The order in which an object's fields become elements: those named first, in that order, then the others as the object has them.
/// Receivers that validate against a sequence need it, since objects have no order of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order(BTreeMap<String, usize>);

impl Order {
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let mut places = BTreeMap::new();
        for (place, name) in names.into_iter().enumerate() {
            places.entry(name.as_ref().to_owned()).or_insert(place);
        }
        Self(places)
    }

    pub(super) fn place(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(usize::MAX)
    }
}
