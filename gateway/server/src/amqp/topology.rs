//! Queues and exchanges that must be there: what exists is used as it is, what does not is made durable. It deletes nothing.

use lapin::ExchangeKind;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};

use super::link::Link;
use super::publisher::name;
use super::trouble::Trouble;
use crate::config::DeadLettersModel;

/// A queue of this name; a new one is a quorum queue. What the broker itself gives up (a limit of deliveries that its operators set,
/// say) goes where we put what cannot be read. True when it was made.
pub(super) async fn queue(link: &Link, queue: &str, dead: Option<&DeadLettersModel>) -> Result<bool, Trouble> {
    let there = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let channel = link.channel().await?;
    match channel.queue_declare(name(queue)?, there, FieldTable::default()).await {
        Ok(_) => return Ok(false),
        Err(error) => match Trouble::of(&error) {
            Trouble::Missing(_) => {}
            other => return Err(other),
        },
    }
    // The refusal closed the first channel.
    let channel = link.channel().await?;
    let mut arguments = FieldTable::default();
    arguments.insert(name("x-queue-type")?, AMQPValue::LongString("quorum".into()));
    if let Some(dead) = dead {
        arguments.insert(name("x-dead-letter-exchange")?, AMQPValue::LongString(dead.exchange.as_str().into()));
    }
    let made = channel.queue_declare(name(queue)?, QueueDeclareOptions::durable(), arguments).await;
    made.map_err(|error| Trouble::of(&error))?;
    tracing::info!(queue, "a durable quorum queue was made");
    Ok(true)
}

/// A topic exchange of this name. True when it was made.
pub(super) async fn exchange(link: &Link, exchange: &str) -> Result<bool, Trouble> {
    let there = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
    let channel = link.channel().await?;
    let looked = channel.exchange_declare(name(exchange)?, ExchangeKind::Topic, there, FieldTable::default()).await;
    match looked.map_err(|error| Trouble::of(&error)) {
        Err(Trouble::Missing(_)) => {}
        found => return found.map(|()| false),
    }
    let channel = link.channel().await?;
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let made = channel.exchange_declare(name(exchange)?, ExchangeKind::Topic, durable, FieldTable::default()).await;
    made.map_err(|error| Trouble::of(&error))?;
    tracing::info!(exchange, "a durable topic exchange was made");
    Ok(true)
}

/// Where what cannot be read goes, with a queue that keeps it. Two that are there already are bound as their owner wants them.
pub(super) async fn dead_letters(link: &Link, model: &DeadLettersModel) -> Result<(), Trouble> {
    let made = [exchange(link, model.exchange.as_str()).await?, queue(link, model.queue.as_str(), None).await?];
    if !made.contains(&true) {
        return Ok(());
    }
    let channel = link.channel().await?;
    let (to, from) = (name(model.queue.as_str())?, name(model.exchange.as_str())?);
    let bound = channel.queue_bind(to, from, name("#")?, QueueBindOptions::default(), FieldTable::default()).await;
    bound.map_err(|error| Trouble::of(&error))
}
