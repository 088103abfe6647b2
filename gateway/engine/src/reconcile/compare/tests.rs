//! The laws of comparing: equal sides do not differ, and sides that took each other's differences over are equal.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Side = BTreeMap<u8, State>;

fn order() -> Order {
    let ranks = [&["new"][..], &["received"], &["processing", "supplement_required"], &["finished"], &["returned"]];
    Order::new(ranks.iter().map(|rank| rank.iter().map(ToString::to_string).collect()).collect()).unwrap()
}

fn differences(here: &Side, there: &Side) -> Vec<(u8, Difference)> {
    let keys: std::collections::BTreeSet<u8> = here.keys().chain(there.keys()).copied().collect();
    keys.into_iter().filter_map(|key| Some((key, difference(here.get(&key), there.get(&key), &order())?))).collect()
}

/// What the other side has after it took over what one side tells.
fn told(by: &State, to: Option<&State>) -> State {
    let old = to.cloned().unwrap_or_default();
    let day = |new: Told, old: Told| if new == Told::Untold { old } else { new };
    State {
        status: by.status.clone().or(old.status),
        due: day(by.due, old.due),
        returned: day(by.returned, old.returned),
        ..by.clone()
    }
}

/// Sends what is here; takes over what is only there.
fn apply(found: &[(u8, Difference)], here: &mut Side, there: &mut Side) {
    for (key, _) in found {
        match here.get(key) {
            Some(state) => {
                let sent = told(state, there.get(key));
                there.insert(*key, sent);
            }
            None => {
                here.insert(*key, there[key].clone());
            }
        }
    }
}

fn a_state() -> impl Strategy<Value = State> {
    let statuses = ["new", "received", "processing", "supplement_required", "finished", "returned", "unheard-of"];
    let status = proptest::option::of(proptest::sample::select(statuses.to_vec()));
    let day = || {
        prop_oneof![
            Just(Told::Untold),
            Just(Told::Never),
            (1..28_i8).prop_map(|day| Told::On(jiff::civil::date(2026, 2, day)))
        ]
    };
    let changed = proptest::option::of((0..50_i64).prop_map(|second| Timestamp::from_second(second).unwrap()));
    (status, day(), day(), changed).prop_map(|(status, due, returned, changed)| State {
        status: status.map(str::to_owned),
        due,
        returned,
        changed,
        ..State::default()
    })
}

fn a_side() -> impl Strategy<Value = Side> {
    proptest::collection::btree_map(0..12_u8, a_state(), 0..12)
}

proptest! {
    #[test]
    fn equal_sides_do_not_differ(side in a_side()) {
        prop_assert_eq!(differences(&side, &side), Vec::new());
    }

    #[test]
    fn sides_that_took_every_difference_over_are_equal(mut here in a_side(), mut there in a_side()) {
        let found = differences(&here, &there);
        apply(&found, &mut here, &mut there);
        prop_assert_eq!(differences(&here, &there), Vec::new());
    }

    #[test]
    fn both_sides_find_the_same_differences_the_other_way_round(here in a_side(), there in a_side()) {
        let turned = |newer| match newer { Newer::Here => Newer::There, Newer::There => Newer::Here, Newer::Undecided => Newer::Undecided };
        let ours: Vec<(u8, Newer)> = differences(&here, &there).into_iter().map(|(key, found)| (key, turned(found.newer))).collect();
        let theirs: Vec<(u8, Newer)> = differences(&there, &here).into_iter().map(|(key, found)| (key, found.newer)).collect();
        prop_assert_eq!(ours, theirs);
    }
}

fn with(status: &str) -> State {
    State { status: Some(status.to_owned()), ..State::default() }
}

fn newer(here: &State, there: &State) -> Newer {
    difference(Some(here), Some(there), &order()).unwrap().newer
}

#[test]
fn the_further_status_is_newer_unless_the_clocks_of_both_sides_say_otherwise() {
    assert_eq!(newer(&with("processing"), &with("finished")), Newer::There);
    assert_eq!(newer(&with("returned"), &with("finished")), Newer::Here);
    assert_eq!(newer(&with("processing"), &with("supplement_required")), Newer::Undecided);
    assert_eq!(newer(&with("processing"), &with("unheard-of")), Newer::Undecided);
    let at = |second, status| State { changed: Some(Timestamp::from_second(second).unwrap()), ..with(status) };
    assert_eq!(newer(&at(9, "processing"), &at(5, "finished")), Newer::Here, "it was opened again");
    assert_eq!(newer(&at(9, "processing"), &with("finished")), Newer::There, "one clock alone says nothing");
}

#[test]
fn what_a_side_does_not_tell_is_no_difference() {
    let here = State { due: Told::On(jiff::civil::date(2026, 2, 3)), returned: Told::Never, ..with("processing") };
    assert_eq!(difference(Some(&here), Some(&State::default()), &order()), None);
    let there = State { due: Told::Never, returned: Told::Untold, ..with("processing") };
    let found = difference(Some(&here), Some(&there), &order()).unwrap();
    assert_eq!((found.aspects, found.newer), (vec![Aspect::Due], Newer::Undecided));
}

#[test]
fn a_status_has_one_rank() {
    let twice = vec![vec!["new".to_owned()], vec!["received".to_owned(), "new".to_owned()]];
    assert_eq!(Order::new(twice), Err("new".to_owned()));
}
