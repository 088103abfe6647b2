//! `ExchangeService`: what clients do with exchanges.

use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt};
use lienthong_core::{Fault, limits};
use lienthong_engine::service::{ExchangeDetail, Submission};
use lienthong_proto::v1;
use lienthong_proto::v1::exchange_service_server::ExchangeService;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::identity::Call;
use super::{convert, look, parse, status, watch};
use crate::http::problem::Problem;
use crate::reading;
use crate::state::AppState;

/// Messages of one stream committed together at most.
const STREAM_BATCH: usize = 256;

pub(crate) struct Exchanges {
    state: AppState,
}

impl Exchanges {
    pub(crate) fn new(state: AppState) -> Self {
        Self { state }
    }

    /// The exchange, if the caller may see it; otherwise it does not exist for them.
    async fn visible(&self, call: &Call, id: &str) -> Result<ExchangeDetail, Fault> {
        reading::visible(&self.state, &call.identity, parse::required("id", id)?).await
    }
}

type Answer<T> = Result<Response<T>, Status>;
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ExchangeService for Exchanges {
    async fn submit(&self, request: Request<v1::SubmitRequest>) -> Answer<v1::SubmitResponse> {
        let (call, message, inside) = Call::admitted(&self.state, request)?;
        let wait = Duration::from_secs(u64::from(message.wait_seconds).min(limits::WAIT_SECONDS));
        let work = async {
            let submission = admitted(&call, message)?;
            let receipt = self.state.service.submit(&call.identity.caller(), submission).await?;
            drop(inside);
            let mut answer = convert::receipt(receipt.clone());
            let waiting = if wait.is_zero() { None } else { self.state.doors.wait() };
            if waiting.is_some() {
                let detail = self.state.service.wait(receipt.id, wait).await?;
                detail.state.as_str().clone_into(&mut answer.state);
                answer.exchange = Some(convert::detail(&detail, call.insight()));
            }
            Ok(answer)
        };
        call.answer(work.await)
    }

    type SubmitStreamStream = Answers<v1::SubmitStreamResponse>;

    async fn submit_stream(&self, request: Request<Streaming<v1::SubmitRequest>>) -> Answer<Self::SubmitStreamStream> {
        let (call, messages) = Call::of(&self.state, request)?;
        let (answers, receiver) = tokio::sync::mpsc::channel(STREAM_BATCH);
        let state = self.state.clone();
        tokio::spawn(async move {
            let mut batches = messages.ready_chunks(STREAM_BATCH);
            while let Some(batch) = batches.next().await {
                for answer in submit_batch(&state, &call, batch).await {
                    if answers.send(answer).await.is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn call(&self, request: Request<v1::CallRequest>) -> Answer<v1::CallResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let question = parse::call(message, call.trace.clone())?;
            call.identity.may_ask(&question.operation)?;
            let answer = self.state.service.call(&call.identity.caller(), question).await?;
            Ok(v1::CallResponse {
                exchange_id: answer.exchange.to_string(),
                content_type: answer.body.content_type.media_type().to_owned(),
                body: answer.body.bytes,
            })
        };
        call.answer(work.await)
    }

    async fn get(&self, request: Request<v1::GetRequest>) -> Answer<v1::Exchange> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        call.answer(self.visible(&call, &message.id).await.map(|detail| convert::detail(&detail, call.insight())))
    }

    async fn list(&self, request: Request<v1::ListRequest>) -> Answer<v1::ListResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let mut filter = parse::filter(&message)?;
            filter.client = call.identity.only_own(filter.client)?;
            let page = self
                .state
                .service
                .exchanges(filter, parse::cursor(message.cursor)?, parse::rows(message.limit)?)
                .await?;
            Ok(v1::ListResponse {
                exchanges: page.rows.iter().map(|record| convert::record(record, call.insight())).collect(),
                next_cursor: page.next.map(|cursor| cursor.0).unwrap_or_default(),
            })
        };
        call.answer(work.await)
    }

    async fn search(&self, request: Request<v1::SearchRequest>) -> Answer<v1::SearchResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        call.answer(look::search(&self.state, &call, message).await)
    }

    async fn get_body(&self, request: Request<v1::GetBodyRequest>) -> Answer<v1::GetBodyResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        call.answer(look::body(&self.state, &call, message).await)
    }

    async fn get_differences(&self, request: Request<v1::GetDifferencesRequest>) -> Answer<v1::GetDifferencesResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        call.answer(look::differences(&self.state, &call, message).await)
    }

    async fn cancel(&self, request: Request<v1::CancelRequest>) -> Answer<v1::Exchange> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let seen = self.visible(&call, &message.id).await?;
            call.identity.may_change(&seen.record.meta.client)?;
            let detail = self.state.service.cancel(&call.identity.caller(), seen.record.meta.id).await?;
            Ok(convert::detail(&detail, call.insight()))
        };
        call.answer(work.await)
    }

    async fn resend(&self, request: Request<v1::ResendRequest>) -> Answer<v1::SubmitResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let seen = self.visible(&call, &message.id).await?;
            call.identity.may_change(&seen.record.meta.client)?;
            let (id, key) = (seen.record.meta.id, parse::text(message.idempotency_key));
            let receipt = self.state.service.resend(&call.identity.caller(), id, &message.reason, key).await?;
            Ok(convert::receipt(receipt))
        };
        call.answer(work.await)
    }

    async fn timeline(&self, request: Request<v1::TimelineRequest>) -> Answer<v1::TimelineResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let timeline = self.state.service.timeline(&parse::required("key", &message.key)?).await?;
            let timeline = timeline.seen_by(|record| call.identity.may_see_exchange(record).is_ok());
            Ok(convert::timeline(&timeline, call.insight()))
        };
        call.answer(work.await)
    }

    async fn list_operations(&self, request: Request<v1::ListOperationsRequest>) -> Answer<v1::ListOperationsResponse> {
        let (call, _, _inside) = Call::admitted(&self.state, request)?;
        let config = self.state.service.configuration();
        let visible = config.catalogue.iter().filter(|entry| call.identity.may_read_about(&entry.spec.name));
        let operations = visible.map(convert::operation).collect();
        call.answer(Ok(v1::ListOperationsResponse { operations }))
    }

    async fn get_operation(&self, request: Request<v1::GetOperationRequest>) -> Answer<v1::Operation> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let config = self.state.service.configuration();
        let found = parse::required("operation", &message.operation)
            .and_then(|name| config.catalogue.get(&name).map(convert::operation).ok_or_else(unknown_operation));
        call.answer(found)
    }

    type WatchStream = Answers<v1::Event>;

    async fn watch(&self, request: Request<v1::WatchRequest>) -> Answer<Self::WatchStream> {
        let (call, message) = Call::of(&self.state, request)?;
        let events = watch::events(&self.state, &call, message).await;
        call.answer(events)
    }

    async fn inbox(&self, request: Request<v1::InboxRequest>) -> Answer<v1::InboxResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let caller = call.identity.caller();
            let messages = self.state.service.inbox(&caller.client, parse::rows(message.limit)?).await?;
            Ok(v1::InboxResponse { messages: messages.into_iter().map(convert::inbox_message).collect() })
        };
        call.answer(work.await)
    }

    async fn acknowledge(&self, request: Request<v1::AcknowledgeRequest>) -> Answer<v1::AcknowledgeResponse> {
        let (call, message, _inside) = Call::admitted(&self.state, request)?;
        let work = async {
            let caller = call.identity.caller();
            self.state.service.acknowledge(&caller.client, parse::required("id", &message.id)?).await?;
            Ok(v1::AcknowledgeResponse {})
        };
        call.answer(work.await)
    }
}

fn unknown_operation() -> Fault {
    use lienthong_core::{FaultCode, FaultKind};
    Fault::new(FaultKind::NotFound, FaultCode::UnknownOperation, "no such operation in the catalogue")
}

fn admitted(call: &Call, message: v1::SubmitRequest) -> Result<Submission, Fault> {
    let submission = parse::submission(message, call.trace.clone())?;
    call.identity.may_ask(&submission.operation)?;
    Ok(submission)
}

/// Answers in the order of the messages; what cannot be read is refused in its place and stops nothing.
async fn submit_batch(
    state: &AppState,
    call: &Call,
    batch: Vec<Result<v1::SubmitRequest, Status>>,
) -> Vec<Result<v1::SubmitStreamResponse, Status>> {
    let mut places: Vec<Result<Option<Fault>, Status>> = Vec::with_capacity(batch.len());
    let mut submissions = Vec::with_capacity(batch.len());
    for message in batch {
        places.push(message.map(|message| match admitted(call, message) {
            Ok(submission) => {
                submissions.push(submission);
                None
            }
            Err(refused) => Some(refused),
        }));
    }
    let mut receipts = state.service.submit_all(&call.identity.caller(), submissions).await.into_iter();
    let mut answer = |place: Option<Fault>| {
        let outcome = match place {
            Some(refused) => Err(refused),
            None => receipts.next().unwrap_or_else(|| Err(status::defect("fewer receipts than submissions"))),
        };
        let result = match outcome {
            Ok(receipt) => v1::submit_stream_response::Result::Accepted(convert::receipt(receipt)),
            Err(fault) => v1::submit_stream_response::Result::Refused(problem(&fault, call)),
        };
        v1::SubmitStreamResponse { result: Some(result) }
    };
    places.into_iter().map(|place| place.map(&mut answer)).collect()
}

fn problem(fault: &Fault, call: &Call) -> v1::Problem {
    let shown = Problem::of(fault, call.trace_id());
    v1::Problem {
        r#type: shown.r#type,
        title: shown.title,
        status: u32::from(shown.status),
        detail: shown.detail,
        code: fault.code.as_str().to_owned(),
        fault: fault.kind.as_str().to_owned(),
        field_problems: fault.problems.iter().map(convert::field_problem).collect(),
        trace_id: call.trace_id().unwrap_or_default().to_owned(),
        retry_after_seconds: fault.retry_after.map_or(0, |wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX)),
    }
}
