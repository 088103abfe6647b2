//! The console in a real browser, against the real program: operators' stories, with scripts and without, and every page as it looks.

mod desk;
mod driver;
mod looks;
mod reconcile;
mod story;
