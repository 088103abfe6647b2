//! Worlds with more in them: targets of alerts, test keys, a code table whose rows operators add, lanes that skip what is parked.

use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use lienthong_core::delivery::OnParked;
use lienthong_core::{Fault, Timestamp};
use lienthong_engine::Configuration;
use lienthong_engine::alert::{Alerting, Courier, Message, Target, Undelivered};
use lienthong_engine::config::Watch;
use lienthong_engine::drill::TestKeys;
use lienthong_engine::routing::{RouteSpec, RouteTable};
use lienthong_engine::service::{TakesRows, rows_kept};
use lienthong_engine::tables::{TableSpec, TableText, Tables};
use lienthong_journal::Journal;
use parking_lot::Mutex;

use super::world::{Portal, World, configuration, route};

/// Keeps the ids of what it is given.
#[derive(Default)]
pub(super) struct Keeper(pub(super) Mutex<Vec<String>>);

#[async_trait]
impl Courier for Keeper {
    async fn carry(&self, message: &Message, _: Timestamp) -> Result<(), Undelivered> {
        self.0.lock().push(message.id.clone());
        Ok(())
    }
}

/// Lays added rows over the one table there is, as the process does.
struct Taker {
    journal: Arc<dyn Journal>,
    config: Arc<ArcSwap<Configuration>>,
    portal: Arc<Portal>,
}

#[async_trait]
impl TakesRows for Taker {
    async fn take_rows(&self) -> Result<(), Fault> {
        let tables = Arc::new(wards().laid(rows_kept(&*self.journal).await?));
        self.config.store(Arc::new(Configuration { tables, ..configuration(&self.portal) }));
        Ok(())
    }
}

fn wards() -> Tables {
    let spec = TableSpec {
        name: "wards".to_owned(),
        description: "Wards by their code.".to_owned(),
        key: vec!["code".to_owned()],
        values: vec!["name".to_owned()],
        ..TableSpec::default()
    };
    let text =
        TableText { file: "wards.csv".to_owned(), text: "code,name,valid_from,valid_to\n1,Một,,\n".to_owned() };
    Tables::build([(spec, text)]).unwrap()
}

impl World {
    /// One target of alerts, and what it takes.
    pub(super) fn target(&self, name: &str) -> Arc<Keeper> {
        let keeper = Arc::new(Keeper::default());
        let courier = Arc::clone(&keeper) as Arc<dyn Courier>;
        let target = Target { name: name.to_owned(), kind: "webhook", quiet: None, digest: None, courier };
        let alerting = Arc::new(Alerting { targets: vec![target], ..Alerting::default() });
        let watch = Watch { alerting, ..Watch::default() };
        self.reconfigure(|configuration| Configuration { watch, ..configuration });
        keeper
    }

    /// Drills are for this key.
    pub(super) fn drill_with(&self, key: &str) {
        let watch = Watch { test_keys: TestKeys(vec![key.to_owned()]), ..Watch::default() };
        self.reconfigure(|configuration| Configuration { watch, ..configuration });
    }

    /// The table `wards`, to which operators may add rows.
    pub(super) fn with_wards(&self) {
        let (journal, config, portal) = (Arc::clone(&self.journal), Arc::clone(&self.config), Arc::clone(&self.portal));
        self.service.take_rows_by(Arc::new(Taker { journal, config, portal }));
        self.reconfigure(|configuration| Configuration { tables: Arc::new(wards()), ..configuration });
    }

    /// What is parked holds nothing behind it.
    pub(super) fn skip_parked(&self) {
        let skipping = RouteSpec { on_parked: OnParked::Skip, ..route() };
        self.reconfigure(|configuration| {
            let routes = RouteTable::compile(vec![skipping], &configuration.catalogue).unwrap();
            Configuration { routes, ..configuration }
        });
    }
}
