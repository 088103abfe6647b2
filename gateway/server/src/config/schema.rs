//! JSON Schemas of the configuration's files, for editors. They are generated from the types that read the files.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::alerts::AlertsFile;
use super::calendars::CalendarModel;
use super::clients::ClientModel;
use super::facades::FacadeModel;
use super::flows::FlowModel;
use super::gateway::GatewayModel;
use super::messages::MessageModel;
use super::operators::OperatorModel;
use super::reconciliations::ReconciliationModel;
use super::routes::RoutesFile;
use super::systems::SystemModel;
use super::tables::TablesFile;
use super::tests_model::TestsFile;

/// The name of each schema's file and the files it describes.
pub const SCHEMAS: [(&str, &str); 13] = [
    ("gateway.schema.json", "gateway.yaml"),
    ("client.schema.json", "clients/*.yaml"),
    ("operator.schema.json", "operators/*.yaml"),
    ("system.schema.json", "systems/*.yaml"),
    ("routes.schema.json", "routes/*.yaml"),
    ("message.schema.json", "messages/*.yaml"),
    ("calendar.schema.json", "calendars/*.yaml"),
    ("flow.schema.json", "flows/*.yaml"),
    ("facade.schema.json", "facades/*.yaml"),
    ("alerts.schema.json", "alerts/*.yaml"),
    ("tests.schema.json", "routes/tests/*.yaml"),
    ("tables.schema.json", "tables/tables.yaml"),
    ("reconciliation.schema.json", "reconciliations/*.yaml"),
];

/// Every schema by the name of its file.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let made = [
        of::<GatewayModel>(),
        of::<ClientModel>(),
        of::<OperatorModel>(),
        of::<SystemModel>(),
        of::<RoutesFile>(),
        of::<MessageModel>(),
        of::<CalendarModel>(),
        of::<FlowModel>(),
        of::<FacadeModel>(),
        of::<AlertsFile>(),
        of::<TestsFile>(),
        of::<TablesFile>(),
        of::<ReconciliationModel>(),
    ];
    SCHEMAS.iter().map(|(name, _)| *name).zip(made).collect()
}

fn of<T: JsonSchema>() -> Value {
    SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}
