//! The console's pages over a real service: who gets in, what a form needs, what is shown of hostile content, and in which words.

mod acts;
mod amend;
mod browser;
mod cases;
mod doors;
mod finding;
mod forms;
mod given;
mod hostile;
mod languages;
mod live;
mod reconciliations;
mod releases;
mod sheet;
mod uploads;
mod world;
