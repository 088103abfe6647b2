//! How the gateway made an exchange, as rows hold it. It knows nothing else of the exchange.

use std::borrow::Cow;

use lienthong_core::exchange::{Descent, Recognition, Stage};
use serde::{Deserialize, Serialize};

use super::text;
use crate::sqlite::codes::{instant, micros};
use crate::sqlite::fail::{Fail, corrupt};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredDescent<'a> {
    depth: u8,
    #[serde(borrow)]
    route: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    item: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<StoredStage>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    recognition: Option<StoredRecognition<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStage {
    Await,
    Enrich,
    Target,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredRecognition<'a> {
    #[serde(borrow)]
    identity: Cow<'a, str>,
    #[serde(borrow)]
    content: Cow<'a, str>,
    until: i64,
}

pub(super) fn to_stored(descent: &Descent) -> StoredDescent<'_> {
    let Descent { depth, route, item, stage, recognition, version } = descent;
    StoredDescent {
        depth: *depth,
        route: text(route.as_str()),
        item: *item,
        stage: stage.map(|stage| match stage {
            Stage::Await => StoredStage::Await,
            Stage::Enrich => StoredStage::Enrich,
            Stage::Target => StoredStage::Target,
        }),
        recognition: recognition.as_ref().map(|Recognition { identity, content, until }| StoredRecognition {
            identity: text(identity),
            content: text(content),
            until: micros(*until),
        }),
        version: *version,
    }
}

pub(super) fn from_stored(stored: StoredDescent<'_>) -> Result<Descent, Fail> {
    let StoredDescent { depth, route, item, stage, recognition, version } = stored;
    let recognised = |StoredRecognition { identity, content, until }: StoredRecognition<'_>| {
        let until = instant(until)?;
        Ok::<_, Fail>(Recognition { identity: identity.into_owned(), content: content.into_owned(), until })
    };
    Ok(Descent {
        depth,
        route: route.parse().map_err(|_| corrupt("a route", &route))?,
        item,
        stage: stage.map(|stage| match stage {
            StoredStage::Await => Stage::Await,
            StoredStage::Enrich => Stage::Enrich,
            StoredStage::Target => Stage::Target,
        }),
        recognition: recognition.map(recognised).transpose()?,
        version,
    })
}
