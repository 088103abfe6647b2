//! Which exchange tells of a file: told by what came from outside or was answered, never by what its own client wrote. It opens no file.

use lienthong_core::exchange::Source;
use lienthong_core::{Fault, FaultCode};
use lienthong_engine::service::ExchangeDetail;
use lienthong_journal::files::FileName;
use lienthong_journal::{AttemptOutcome, BodyId, Journal, JournalError};

/// Answers of one exchange that are looked at.
const ANSWERS: usize = 32;

/// Whether the exchange's message, unless its client wrote it, or one of its answers holds the file's name.
pub(crate) async fn tells_of(journal: &dyn Journal, detail: &ExchangeDetail, name: &FileName) -> Result<bool, Fault> {
    let message = match &detail.record.meta.source {
        Source::Client(_) => None,
        Source::System(_) | Source::Gateway | Source::Answer(_) => Some(detail.record.body),
    };
    let attempts = detail.attempts.iter().flat_map(|(_, attempts)| attempts);
    let answers = attempts.filter(|attempt| is_success(attempt.outcome.as_ref())).filter_map(|attempt| attempt.answer);
    for body in message.into_iter().chain(answers.take(ANSWERS)) {
        if holds(journal, body, name).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_success(outcome: Option<&AttemptOutcome>) -> bool {
    match outcome {
        Some(AttemptOutcome::Delivered | AttemptOutcome::FoundDone) => true,
        Some(AttemptOutcome::Failed(_) | AttemptOutcome::Lost | AttemptOutcome::FoundNotDone) | None => false,
    }
}

/// A body that retention has removed tells nothing any more.
async fn holds(journal: &dyn Journal, body: BodyId, name: &FileName) -> Result<bool, Fault> {
    let bytes = journal.body(body).await.map_err(unreadable)?;
    Ok(bytes.is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(|text| text.contains(name.as_str()))))
}

fn unreadable(cause: JournalError) -> Fault {
    let code = FaultCode::JournalUnavailable;
    Fault::new(code.kind(), code, format!("a body cannot be read: {cause}"))
}
