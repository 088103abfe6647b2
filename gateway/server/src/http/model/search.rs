//! What is searched for, in the public JSON. Every member is a text as the list's parameter of that name; nothing is read here.

use serde::Deserialize;
use utoipa::ToSchema;

use super::names::{DeliveryStateName, FaultKindName};

/// What to look for; all given conditions hold.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchRequest {
    /// What an operator types: an id of an exchange, delivery or attempt or its beginning, an error group, a business key or alias, a
    /// number, or words of searchable fields. Without it the conditions alone decide.
    #[schema(max_length = 200, example = "nguyen van mau")]
    pub text: Option<String>,
    /// A business key or an alias.
    pub key: Option<String>,
    pub operation: Option<String>,
    /// Of any delivery; so are state, route, fault, code, group, field and updated_since, of one that has them all.
    pub system: Option<String>,
    #[schema(value_type = Option<DeliveryStateName>)]
    pub state: Option<String>,
    pub client: Option<String>,
    /// Received at or after.
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// Received before.
    #[schema(format = DateTime)]
    pub to: Option<String>,
    pub route: Option<String>,
    /// Kind of the present fault.
    #[schema(value_type = Option<FaultKindName>)]
    pub fault: Option<String>,
    /// Code of the present fault.
    #[schema(example = "LT-REJECTED")]
    pub code: Option<String>,
    /// Error group.
    pub group: Option<String>,
    /// A field the present fault complains about, or what it lies in, as a JSON pointer.
    #[schema(example = "/owner/name")]
    pub field: Option<String>,
    /// Moved at or after.
    #[schema(format = DateTime)]
    pub updated_since: Option<String>,
    /// The first 8 or more digits of an exchange's id.
    pub id: Option<String>,
    /// `next_cursor` of the page before; the other members as they were.
    pub cursor: Option<String>,
    /// Rows at most.
    #[schema(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<u32>,
}

impl SearchRequest {
    /// The text, and everything else by its name.
    pub(crate) fn fields(self) -> (Option<String>, Vec<(String, String)>) {
        let Self {
            text,
            key,
            operation,
            system,
            state,
            client,
            from,
            to,
            route,
            fault,
            code,
            group,
            field,
            updated_since,
            id,
            cursor,
            limit,
        } = self;
        let named = [
            ("key", key),
            ("operation", operation),
            ("system", system),
            ("state", state),
            ("client", client),
            ("from", from),
            ("to", to),
            ("route", route),
            ("fault", fault),
            ("code", code),
            ("group", group),
            ("field", field),
            ("updated_since", updated_since),
            ("id", id),
            ("cursor", cursor),
            ("limit", limit.map(|rows| rows.to_string())),
        ];
        (text, named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }
}
