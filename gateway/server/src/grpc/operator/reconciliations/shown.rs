//! Reconciliations as the gRPC contract says them. It decides nothing.

use lienthong_engine::reconcile::{Cell, Place, Spec};
use lienthong_proto::v1;

use crate::grpc::convert::{all, day, instant};
use crate::http::model::{
    ConfiguredReconciliation, Counted, Reconciliation, ReconciliationDifference, RowProblem, SendingShown, SideState,
    TakenList, TotalsRow,
};

pub(super) fn configured(spec: &Spec) -> v1::ConfiguredReconciliation {
    let ConfiguredReconciliation { name, summary, operation, looks_up, takes_their_list, daily } = spec.into();
    v1::ConfiguredReconciliation {
        name,
        summary,
        operation,
        looks_up,
        takes_their_list,
        daily: daily.unwrap_or_default(),
    }
}

pub(super) fn totals(counted: (Place, Cell)) -> v1::TotalsRow {
    let TotalsRow { unit, procedure, status, day: on, here, handed, there, different } = counted.into();
    let (unit, procedure, status) =
        (unit.unwrap_or_default(), procedure.unwrap_or_default(), status.unwrap_or_default());
    v1::TotalsRow { unit, procedure, status, day: day(on), here, handed, there, different }
}

impl From<Reconciliation> for v1::Reconciliation {
    fn from(run: Reconciliation) -> Self {
        let Reconciliation {
            id,
            name,
            by,
            from,
            to,
            state,
            because,
            began,
            ended,
            from_files,
            here,
            there,
            counts,
            compared,
            pieces,
            sending,
            sendings,
        } = run;
        Self {
            id,
            name,
            by,
            from: from.to_string(),
            to: to.to_string(),
            state: state.to_owned(),
            because: because.unwrap_or_default(),
            began: Some(instant(began)),
            ended: ended.map(instant),
            from_files,
            here: Some(here.into()),
            there: there.map(Into::into),
            counts: Some(counts.into()),
            compared,
            pieces,
            sending: sending.map(Into::into),
            sendings: all(sendings),
        }
    }
}

impl From<TakenList> for v1::TakenList {
    fn from(TakenList { parts, rows, refused, problems }: TakenList) -> Self {
        Self { parts, rows, refused, problems: all(problems) }
    }
}

impl From<RowProblem> for v1::RowProblem {
    fn from(RowProblem { line, problem }: RowProblem) -> Self {
        Self { line, problem }
    }
}

impl From<Counted> for v1::ReconciliationCounts {
    fn from(counts: Counted) -> Self {
        let Counted {
            keys,
            equal,
            different,
            missing_there,
            missing_here,
            status,
            due,
            returned,
            newer_there,
            outside,
            repeated,
            conflicting,
            asked,
            unanswered,
        } = counts;
        Self {
            keys,
            equal,
            different,
            missing_there,
            missing_here,
            status,
            due,
            returned,
            newer_there,
            outside,
            repeated_rows: repeated,
            conflicting,
            asked,
            unanswered,
        }
    }
}

impl From<SendingShown> for v1::Sending {
    fn from(sending: SendingShown) -> Self {
        let SendingShown { by, reason, confirmed, began, ended, sent, not_sent } = sending;
        Self { by, reason, confirmed, began: Some(instant(began)), ended: ended.map(instant), sent, not_sent }
    }
}

impl From<ReconciliationDifference> for v1::ReconciliationDifference {
    fn from(difference: ReconciliationDifference) -> Self {
        let ReconciliationDifference {
            place,
            key,
            line,
            aspects,
            newer,
            why,
            who_must_act,
            here,
            there,
            exchange,
            sent_as,
            not_sent,
        } = difference;
        Self {
            place,
            key,
            line,
            aspects: aspects.into_iter().map(str::to_owned).collect(),
            newer: newer.to_owned(),
            why: why.to_owned(),
            who_must_act: who_must_act.to_owned(),
            here: here.map(Into::into),
            there: there.map(Into::into),
            exchange: exchange.unwrap_or_default(),
            sent_as: sent_as.unwrap_or_default(),
            not_sent: not_sent.unwrap_or_default(),
        }
    }
}

impl From<SideState> for v1::SideState {
    fn from(state: SideState) -> Self {
        let SideState { unit, procedure, status, day: on, due, returned } = state;
        Self {
            unit: unit.unwrap_or_default(),
            procedure: procedure.unwrap_or_default(),
            status: status.unwrap_or_default(),
            day: day(on),
            due: day(due),
            returned: day(returned),
        }
    }
}
