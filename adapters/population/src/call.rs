//! What each operation does in one attempt: one question, one answer. Retrying is the engine's.

use lienthong_core::{Body, CallContext, Fault};
use lienthong_formats::xml::Element;
use lienthong_kit::input;
use serde_json::Value;

use crate::Population;
use crate::config::{ConfirmMaritalStatusConfig, FindHouseholdConfig, VerifyCitizenConfig};
use crate::map::{answer, json, question, reference};
use crate::model::CitizenQuestion;
use crate::operations::Asked;

impl Population {
    /// What no schema can say: numbers, dates, a name that can be written, what the law asks for.
    pub(crate) fn check_input(&self, given: &Value) -> Result<(), Fault> {
        let given: CitizenQuestion = input::read_value(given)?;
        question::request(&self.rules, &given).map(drop)
    }

    pub(crate) async fn perform(&self, cx: &CallContext, asked: Asked, body: &Body) -> Result<Body, Fault> {
        let given: CitizenQuestion = input::read(body)?;
        let code = asked.integration_code(&self.answers).unwrap_or_default();
        let mut request = question::request(&self.rules, &given)?;
        request.ma_yeu_cau = reference::request_id(&cx.reference);
        request.ma_tich_hop = code.to_owned();
        let personal = question::hidden(&given, &request);
        let body = self.client.ask(cx, asked, &request, &personal).await?;
        self.answered(asked, &body, request.so_dinh_danh.as_deref())
    }

    /// `number`: the 12-digit one that was asked with.
    fn answered(&self, asked: Asked, body: &Element, number: Option<&str>) -> Result<Body, Fault> {
        let operation = asked.element();
        match asked {
            Asked::FindCitizen => json(&answer::found(body, operation, number)?),
            Asked::VerifyCitizen => {
                let exists =
                    self.answers.verify_citizen.as_ref().map(|VerifyCitizenConfig { exists, .. }| exists.as_str());
                json(&answer::verified(body, exists.unwrap_or_default())?)
            }
            Asked::FindHousehold => {
                let member =
                    self.answers.find_household.as_ref().map(|FindHouseholdConfig { member, .. }| member.as_str());
                json(&answer::household(body, (operation, member.unwrap_or_default()), number)?)
            }
            Asked::ConfirmMaritalStatus => {
                let names = self.answers.confirm_marital_status.as_ref();
                let names =
                    names.map(|ConfirmMaritalStatusConfig { person, status, .. }| (person.as_str(), status.as_str()));
                json(&answer::marital_status(body, operation, names.unwrap_or_default(), number)?)
            }
        }
    }
}
