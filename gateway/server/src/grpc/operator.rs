//! `OperatorService`: what operators do about sync errors and systems.

use lienthong_core::{DeliveryId, Fault, Fingerprint, SystemId};
use lienthong_engine::service::{GroupOutcome, OperatorAct};
use lienthong_proto::v1;
use lienthong_proto::v1::operator_service_server::OperatorService;
use tonic::{Request, Response, Status};

use super::identity::Call;
use super::{convert, parse, status};
use crate::security::Role;
use crate::state::AppState;

pub(crate) struct Operators {
    state: AppState,
}

type Answer<T> = Result<Response<T>, Status>;

impl Operators {
    pub(crate) fn new(state: AppState) -> Self {
        Self { state }
    }

    async fn systems(&self) -> Result<v1::ListSystemsResponse, Fault> {
        let systems = self.state.service.systems().await?;
        Ok(v1::ListSystemsResponse { systems: systems.iter().map(convert::system).collect() })
    }
}

/// An operator's act with its reason, if the caller may act.
fn act(call: &Call, reason: String, confirmed: bool) -> Result<OperatorAct, Fault> {
    call.identity.require(Role::Operator)?;
    parse::act(call.identity.caller().client.as_str(), reason, confirmed)
}

fn system_act(call: &Call, message: v1::SystemActRequest) -> Result<(OperatorAct, Option<SystemId>), Fault> {
    Ok((act(call, message.reason, true)?, parse::system_or_all(&message.system)?))
}

fn group_answer(outcome: GroupOutcome) -> v1::GroupActResponse {
    let GroupOutcome { moved, refused, refused_unlisted } = outcome;
    let listed =
        |(delivery, reason): (DeliveryId, String)| v1::RefusedDelivery { delivery: delivery.to_string(), reason };
    v1::GroupActResponse { moved, refused: refused.into_iter().map(listed).collect(), refused_unlisted }
}

#[tonic::async_trait]
impl OperatorService for Operators {
    async fn list_error_groups(
        &self,
        request: Request<v1::ListErrorGroupsRequest>,
    ) -> Answer<v1::ListErrorGroupsResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            call.identity.require(Role::Viewer)?;
            let filter = parse::group_filter(&message)?;
            let page =
                self.state.service.groups(filter, parse::cursor(message.cursor), parse::rows(message.limit)?).await?;
            Ok(v1::ListErrorGroupsResponse {
                groups: page.rows.iter().map(convert::group).collect(),
                next_cursor: page.next.map(|cursor| cursor.0).unwrap_or_default(),
            })
        };
        call.answer(work.await)
    }

    async fn get_error_group(&self, request: Request<v1::GetErrorGroupRequest>) -> Answer<v1::GetErrorGroupResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            call.identity.require(Role::Viewer)?;
            let id: Fingerprint = parse::required("id", &message.id)?;
            let (cursor, rows) = (parse::cursor(message.cursor), parse::rows(message.limit)?);
            let (group, members) = self.state.service.group(&id, cursor, rows).await?;
            Ok(v1::GetErrorGroupResponse {
                group: Some(convert::group(&group)),
                deliveries: members.rows.iter().map(|member| convert::delivery(member, &[])).collect(),
                next_cursor: members.next.map(|cursor| cursor.0).unwrap_or_default(),
            })
        };
        call.answer(work.await)
    }

    async fn release_error_group(&self, request: Request<v1::GroupActRequest>) -> Answer<v1::GroupActResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let act = act(&call, message.reason, message.confirm)?;
            let id: Fingerprint = parse::required("id", &message.id)?;
            self.state.service.release_group(&act, &id).await.map(group_answer)
        };
        call.answer(work.await)
    }

    async fn discard_error_group(&self, request: Request<v1::GroupActRequest>) -> Answer<v1::GroupActResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let act = act(&call, message.reason, message.confirm)?;
            let id: Fingerprint = parse::required("id", &message.id)?;
            self.state.service.discard_group(&act, &id).await.map(group_answer)
        };
        call.answer(work.await)
    }

    async fn release_delivery(&self, request: Request<v1::DeliveryActRequest>) -> Answer<v1::Delivery> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let act = act(&call, message.reason, message.confirm)?;
            let id: DeliveryId = parse::required("id", &message.id)?;
            self.state.service.release(&act, id).await.map(|done| convert::delivery(&done.delivery, &[]))
        };
        call.answer(work.await)
    }

    async fn discard_delivery(&self, request: Request<v1::DeliveryActRequest>) -> Answer<v1::Delivery> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let act = act(&call, message.reason, message.confirm)?;
            let id: DeliveryId = parse::required("id", &message.id)?;
            self.state.service.discard(&act, id).await.map(|done| convert::delivery(&done.delivery, &[]))
        };
        call.answer(work.await)
    }

    async fn list_systems(&self, request: Request<v1::ListSystemsRequest>) -> Answer<v1::ListSystemsResponse> {
        let (call, _) = Call::of(&self.state, request)?;
        let work = async {
            call.identity.require(Role::Viewer)?;
            self.systems().await
        };
        call.answer(work.await)
    }

    async fn pause_system(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::ListSystemsResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let (act, system) = system_act(&call, message)?;
            self.state.service.pause(&act, system.as_ref()).await?;
            self.systems().await
        };
        call.answer(work.await)
    }

    async fn resume_system(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::ListSystemsResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let (act, system) = system_act(&call, message)?;
            self.state.service.resume(&act, system.as_ref()).await?;
            self.systems().await
        };
        call.answer(work.await)
    }

    async fn probe_system(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::ProbeResponse> {
        let (call, message) = Call::of(&self.state, request)?;
        let work = async {
            let (_act, system) = system_act(&call, message)?;
            let results = self.state.service.probe(system.as_ref()).await?;
            let shown = |(system, result): (SystemId, Result<(), Fault>)| v1::ProbeResult {
                system: system.to_string(),
                ok: result.is_ok(),
                fault: result.err().as_ref().map(convert::fault),
            };
            Ok(v1::ProbeResponse { results: results.into_iter().map(shown).collect() })
        };
        call.answer(work.await)
    }

    async fn reload_configuration(
        &self,
        request: Request<v1::ReloadConfigurationRequest>,
    ) -> Answer<v1::ReloadConfigurationResponse> {
        let (call, _) = Call::of(&self.state, request)?;
        let work = async {
            call.identity.require(Role::Administrator)?;
            let version = self.state.reload.reload().await.map_err(|problems| status::configuration(&problems))?;
            Ok(v1::ReloadConfigurationResponse { version: version.to_string() })
        };
        call.answer(work.await)
    }
}
