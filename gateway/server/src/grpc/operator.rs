//! `OperatorService`: each verb with the role it asks for and the place it is carried out in; nothing else.

mod amendments;
mod errors;
mod previews;
mod reconciliations;
mod releases;
mod reports;
mod systems;
mod tables;
mod watch;

use std::future::Future;

use lienthong_core::Fault;
use lienthong_proto::v1;
use lienthong_proto::v1::operator_service_server::OperatorService;
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use super::desk::Desk;
use super::identity::Call;
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

    /// Admits the caller by its role and lets the verb do its work.
    async fn served<Q, A, W>(
        &self,
        request: Request<Q>,
        role: Role,
        verb: impl FnOnce(Desk, Q) -> W + Send,
    ) -> Answer<A>
    where
        Q: Message,
        W: Future<Output = Result<A, Fault>> + Send,
    {
        let (call, asked) = Call::of(&self.state, request)?;
        let desk = Desk::admit(&self.state, &call, role, asked.encoded_len());
        let work = async { verb(desk?, asked).await };
        call.answer(Box::pin(work).await)
    }
}

#[tonic::async_trait]
impl OperatorService for Operators {
    async fn list_error_groups(
        &self,
        request: Request<v1::ListErrorGroupsRequest>,
    ) -> Answer<v1::ListErrorGroupsResponse> {
        self.served(request, Role::Viewer, errors::list).await
    }

    async fn get_error_group(&self, request: Request<v1::GetErrorGroupRequest>) -> Answer<v1::GetErrorGroupResponse> {
        self.served(request, Role::Viewer, errors::show).await
    }

    async fn list_error_group_keys(
        &self,
        request: Request<v1::ListErrorGroupKeysRequest>,
    ) -> Answer<v1::ListErrorGroupKeysResponse> {
        self.served(request, Role::Viewer, errors::keys).await
    }

    async fn release_error_group(&self, request: Request<v1::GroupActRequest>) -> Answer<v1::GroupActResponse> {
        self.served(request, Role::Operator, errors::release).await
    }

    async fn discard_error_group(&self, request: Request<v1::GroupActRequest>) -> Answer<v1::GroupActResponse> {
        self.served(request, Role::Operator, errors::discard).await
    }

    async fn release_delivery(&self, request: Request<v1::DeliveryActRequest>) -> Answer<v1::Delivery> {
        self.served(request, Role::Operator, errors::release_one).await
    }

    async fn discard_delivery(&self, request: Request<v1::DeliveryActRequest>) -> Answer<v1::Delivery> {
        self.served(request, Role::Operator, errors::discard_one).await
    }

    async fn acknowledge_error_group(&self, request: Request<v1::CaseActRequest>) -> Answer<v1::ErrorGroup> {
        self.served(request, Role::Operator, errors::acknowledge).await
    }

    async fn assign_error_group(&self, request: Request<v1::AssignErrorGroupRequest>) -> Answer<v1::ErrorGroup> {
        self.served(request, Role::Operator, errors::assign).await
    }

    async fn annotate_error_group(&self, request: Request<v1::AnnotateErrorGroupRequest>) -> Answer<v1::ErrorGroup> {
        self.served(request, Role::Operator, errors::annotate).await
    }

    async fn resolve_error_group(&self, request: Request<v1::CaseActRequest>) -> Answer<v1::ErrorGroup> {
        self.served(request, Role::Operator, errors::resolve).await
    }

    async fn list_acts(&self, request: Request<v1::ListActsRequest>) -> Answer<v1::ListActsResponse> {
        self.served(request, Role::Operator, errors::acts).await
    }

    async fn preview_release(&self, request: Request<v1::PreviewReleaseRequest>) -> Answer<v1::Preview> {
        self.served(request, Role::Operator, previews::preview).await
    }

    async fn begin_release(&self, request: Request<v1::BeginReleaseRequest>) -> Answer<v1::ReleaseInSteps> {
        self.served(request, Role::Operator, releases::begin).await
    }

    async fn list_releases(&self, request: Request<v1::ListReleasesRequest>) -> Answer<v1::ListReleasesResponse> {
        self.served(request, Role::Viewer, releases::list).await
    }

    async fn get_release(&self, request: Request<v1::GetReleaseRequest>) -> Answer<v1::ReleaseInSteps> {
        self.served(request, Role::Viewer, releases::show).await
    }

    async fn pause_release(&self, request: Request<v1::ReleaseActRequest>) -> Answer<v1::ReleaseInSteps> {
        self.served(request, Role::Operator, releases::pause).await
    }

    async fn resume_release(&self, request: Request<v1::ReleaseActRequest>) -> Answer<v1::ReleaseInSteps> {
        self.served(request, Role::Operator, releases::resume).await
    }

    async fn stop_release(&self, request: Request<v1::ReleaseActRequest>) -> Answer<v1::ReleaseInSteps> {
        self.served(request, Role::Operator, releases::stop).await
    }

    async fn get_delivery_content(
        &self,
        request: Request<v1::GetDeliveryContentRequest>,
    ) -> Answer<v1::EditableContent> {
        self.served(request, Role::Operator, amendments::content).await
    }

    async fn amend_delivery(&self, request: Request<v1::AmendDeliveryRequest>) -> Answer<v1::AmendmentResult> {
        self.served(request, Role::Operator, amendments::amend).await
    }

    async fn list_amendments(&self, request: Request<v1::ListAmendmentsRequest>) -> Answer<v1::ListAmendmentsResponse> {
        self.served(request, Role::Viewer, amendments::list).await
    }

    async fn compare_amendment(&self, request: Request<v1::AmendmentActRequest>) -> Answer<v1::AmendmentResult> {
        self.served(request, Role::Operator, amendments::compare).await
    }

    async fn approve_amendment(&self, request: Request<v1::AmendmentActRequest>) -> Answer<v1::Delivery> {
        self.served(request, Role::Approver, amendments::approve).await
    }

    async fn refuse_amendment(&self, request: Request<v1::AmendmentActRequest>) -> Answer<v1::RefuseAmendmentResponse> {
        self.served(request, Role::Operator, amendments::refuse).await
    }

    async fn list_tables(&self, request: Request<v1::ListTablesRequest>) -> Answer<v1::ListTablesResponse> {
        self.served(request, Role::Viewer, tables::list).await
    }

    async fn get_table(&self, request: Request<v1::GetTableRequest>) -> Answer<v1::GetTableResponse> {
        self.served(request, Role::Viewer, tables::show).await
    }

    async fn list_unmapped_codes(
        &self,
        request: Request<v1::ListUnmappedCodesRequest>,
    ) -> Answer<v1::ListUnmappedCodesResponse> {
        self.served(request, Role::Viewer, tables::unmapped).await
    }

    async fn list_added_rows(&self, request: Request<v1::ListAddedRowsRequest>) -> Answer<v1::ListAddedRowsResponse> {
        self.served(request, Role::Viewer, tables::added).await
    }

    async fn add_table_row(&self, request: Request<v1::AddTableRowRequest>) -> Answer<v1::AddTableRowResponse> {
        self.served(request, Role::Approver, tables::add).await
    }

    async fn remove_added_row(&self, request: Request<v1::RemoveAddedRowRequest>) -> Answer<v1::ListAddedRowsResponse> {
        self.served(request, Role::Approver, tables::remove).await
    }

    async fn list_systems(&self, request: Request<v1::ListSystemsRequest>) -> Answer<v1::ListSystemsResponse> {
        self.served(request, Role::Viewer, systems::list).await
    }

    async fn get_system(&self, request: Request<v1::GetSystemRequest>) -> Answer<v1::GetSystemResponse> {
        self.served(request, Role::Viewer, systems::show).await
    }

    async fn pause_system(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::ListSystemsResponse> {
        self.served(request, Role::Operator, systems::pause).await
    }

    async fn resume_system(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::ListSystemsResponse> {
        self.served(request, Role::Operator, systems::resume).await
    }

    async fn probe_system(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::ProbeResponse> {
        self.served(request, Role::Operator, systems::probe).await
    }

    async fn list_silences(&self, request: Request<v1::ListSilencesRequest>) -> Answer<v1::ListSilencesResponse> {
        self.served(request, Role::Viewer, systems::silences).await
    }

    async fn list_flows(&self, request: Request<v1::ListFlowsRequest>) -> Answer<v1::ListFlowsResponse> {
        self.served(request, Role::Viewer, systems::flows).await
    }

    async fn list_windows(&self, request: Request<v1::ListWindowsRequest>) -> Answer<v1::ListWindowsResponse> {
        self.served(request, Role::Viewer, watch::windows).await
    }

    async fn set_window(&self, request: Request<v1::SetWindowRequest>) -> Answer<v1::MaintenanceWindow> {
        self.served(request, Role::Operator, watch::set_window).await
    }

    async fn change_window(&self, request: Request<v1::ChangeWindowRequest>) -> Answer<v1::MaintenanceWindow> {
        self.served(request, Role::Operator, watch::change_window).await
    }

    async fn remove_window(&self, request: Request<v1::RemoveWindowRequest>) -> Answer<v1::MaintenanceWindow> {
        self.served(request, Role::Operator, watch::remove_window).await
    }

    async fn begin_drill(&self, request: Request<v1::BeginDrillRequest>) -> Answer<v1::Drill> {
        self.served(request, Role::Operator, watch::begin_drill).await
    }

    async fn list_drills(&self, request: Request<v1::ListDrillsRequest>) -> Answer<v1::ListDrillsResponse> {
        self.served(request, Role::Viewer, watch::drills).await
    }

    async fn end_drill(&self, request: Request<v1::SystemActRequest>) -> Answer<v1::Drill> {
        self.served(request, Role::Operator, watch::end_drill).await
    }

    async fn list_alerts(&self, request: Request<v1::ListAlertsRequest>) -> Answer<v1::ListAlertsResponse> {
        self.served(request, Role::Viewer, watch::alerts).await
    }

    async fn test_alert_target(
        &self,
        request: Request<v1::TestAlertTargetRequest>,
    ) -> Answer<v1::TestAlertTargetResponse> {
        self.served(request, Role::Operator, watch::test_target).await
    }

    async fn reload_configuration(
        &self,
        request: Request<v1::ReloadConfigurationRequest>,
    ) -> Answer<v1::ReloadConfigurationResponse> {
        self.served(request, Role::Administrator, systems::reload).await
    }

    async fn list_reconciliations(
        &self,
        request: Request<v1::ListReconciliationsRequest>,
    ) -> Answer<v1::ListReconciliationsResponse> {
        self.served(request, Role::Viewer, reconciliations::list).await
    }

    async fn begin_reconciliation(
        &self,
        request: Request<v1::BeginReconciliationRequest>,
    ) -> Answer<v1::Reconciliation> {
        self.served(request, Role::Operator, reconciliations::begin).await
    }

    async fn get_reconciliation(&self, request: Request<v1::GetReconciliationRequest>) -> Answer<v1::Reconciliation> {
        self.served(request, Role::Viewer, reconciliations::show).await
    }

    async fn add_to_reconciliation(
        &self,
        request: Request<Streaming<v1::AddToReconciliationRequest>>,
    ) -> Answer<v1::Reconciliation> {
        let (call, parts) = Call::of(&self.state, request)?;
        let desk = Desk::admit(&self.state, &call, Role::Operator, 0);
        let work = async { reconciliations::add(desk?, parts).await };
        call.answer(Box::pin(work).await)
    }

    async fn compare_reconciliation(
        &self,
        request: Request<v1::ReconciliationActRequest>,
    ) -> Answer<v1::Reconciliation> {
        self.served(request, Role::Operator, reconciliations::compare).await
    }

    async fn stop_reconciliation(&self, request: Request<v1::ReconciliationActRequest>) -> Answer<v1::Reconciliation> {
        self.served(request, Role::Operator, reconciliations::stop).await
    }

    async fn get_reconciliation_totals(
        &self,
        request: Request<v1::GetReconciliationRequest>,
    ) -> Answer<v1::ReconciliationTotals> {
        self.served(request, Role::Viewer, reconciliations::totals).await
    }

    async fn list_differences(
        &self,
        request: Request<v1::ListDifferencesRequest>,
    ) -> Answer<v1::ListDifferencesResponse> {
        self.served(request, Role::Viewer, reconciliations::differences).await
    }

    async fn send_differences(&self, request: Request<v1::SendDifferencesRequest>) -> Answer<v1::Reconciliation> {
        self.served(request, Role::Operator, reconciliations::send).await
    }

    async fn get_report(&self, request: Request<v1::GetReportRequest>) -> Answer<v1::Report> {
        self.served(request, Role::Viewer, reports::show).await
    }
}
