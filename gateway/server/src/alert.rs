//! Couriers of alerts: signed webhooks and e-mail. They decide nothing about what is told.

mod email;
#[cfg(test)]
mod tests;
mod webhook;

pub(crate) use email::{EmailModel, build as email};
pub(crate) use webhook::{WebhookModel, build as webhook};
