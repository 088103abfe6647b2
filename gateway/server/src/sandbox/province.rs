//! The configuration of a sandbox: the routes, messages, flows, calendars and tables that ship as the example, towards the simulated systems. It starts nothing.

use std::io;
use std::path::Path;

use crate::fixture::{Fixture, quoted};

/// A file of the shipped example, by its path in the configuration folder.
macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../config/", $path)))),*]
    };
}

/// Everything of the example but what names addresses and secrets: `gateway.yaml`, systems, and the clients of the sandbox itself.
const SHIPPED: &[(&str, &str)] = shipped![
    "calendars/province.yaml",
    "clients/archive.yaml",
    "clients/operations-desk.yaml",
    "flows/land-obligation.yaml",
    "messages/obligation-notice.yaml",
    "messages/result-file.yaml",
    "reconciliations/one-stop-row.vrl",
    "reconciliations/portal-dossiers.yaml",
    "reconciliations/portal-row.vrl",
    "routes/10-portal.yaml",
    "routes/30-land.yaml",
    "routes/40-obligation-notices.yaml",
    "routes/50-tax.yaml",
    "routes/60-citizens.yaml",
    "routes/61-land-citizens.yaml",
    "routes/handling-unit.vrl",
    "routes/number-instalments.vrl",
    "tables/dossier-statuses.csv",
    "tables/ethnicities.csv",
    "tables/land-fees.csv",
    "tables/land-officers.csv",
    "tables/land-statuses.csv",
    "tables/organisation-ids.csv",
    "tables/organisations.csv",
    "tables/province-successors.csv",
    "tables/provinces.csv",
    "tables/tables.yaml",
    "tables/tax-areas.csv",
    "tables/taxpayer-statuses.csv",
];

/// Who logs in to the console of a sandbox.
pub(super) const OPERATOR: &str = "sandbox";

/// Routes that ask the population database, and those they are turned on in place of.
const FILLED_IN: [(&str, &str); 2] = [("dossiers-filled-in", "dossiers"), ("land-dossiers-filled-in", "land-dossiers")];

/// The simulated land office, as the gateway reaches it.
pub(super) struct LandAddress {
    /// `http://host:port`.
    pub(super) base: String,
    /// What its lists want.
    pub(super) security_code: String,
    /// What it puts into the address of its pushes.
    pub(super) push_secret: String,
}

/// The simulated population database, as the gateway reaches it: by the national axis.
pub(super) struct PopulationAddress {
    /// `http://host:port`.
    pub(super) base: String,
    pub(super) user: String,
    pub(super) secret_key: String,
    pub(super) api_key: String,
    pub(super) road_client: String,
}

/// The simulated tax gateway, as the gateway reaches it: by a password digest.
pub(super) struct TaxAddress {
    /// `http://host:port`.
    pub(super) base: String,
    pub(super) username: String,
    pub(super) password: String,
}

/// Where the systems besides the portal are.
pub(super) struct Addresses {
    pub(super) land: LandAddress,
    pub(super) population: PopulationAddress,
    pub(super) tax: TaxAddress,
}

/// Writes the whole configuration into `folder`.
pub(super) fn write(
    folder: &Path,
    fixture: &Fixture,
    Addresses { land, population, tax }: &Addresses,
) -> io::Result<()> {
    fixture.write_without_routes(folder)?;
    for (path, text) in SHIPPED {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, with_all_systems(text))?;
    }
    let secrets = folder.join("secrets");
    std::fs::write(secrets.join("land-code"), &land.security_code)?;
    std::fs::write(secrets.join("land-pushes"), &land.push_secret)?;
    std::fs::write(secrets.join("population-key"), &population.secret_key)?;
    std::fs::write(secrets.join("population-user"), &population.user)?;
    std::fs::write(secrets.join("population-api-key"), &population.api_key)?;
    std::fs::write(folder.join("systems/population.yaml"), population_system(&secrets, population, fixture.timeout))?;
    std::fs::write(secrets.join("tax-username"), &tax.username)?;
    std::fs::write(secrets.join("tax-password"), &tax.password)?;
    std::fs::write(folder.join("systems/tax.yaml"), tax_system(&secrets, &tax.base, fixture.timeout))?;
    std::fs::write(folder.join("systems/land.yaml"), land_system(&secrets, &land.base, fixture.timeout))
}

/// Writes the one person who may log in to the console.
pub(super) fn write_operator(folder: &Path, password: &str) -> anyhow::Result<()> {
    let hash = lienthong_console::users::hash(password).map_err(anyhow::Error::msg)?;
    let operators = folder.join("operators");
    std::fs::create_dir_all(&operators)?;
    let text = format!("name: {OPERATOR}\ndisplay: Trực ca\npassword: {hash}\nroles: [administrator]\n");
    Ok(std::fs::write(operators.join("sandbox.yaml"), text)?)
}

/// The example's routes with those on that ask the population database and the land ledger, as its comments say.
fn with_all_systems(text: &str) -> String {
    let off = |route: &str| format!("  - name: {route}\n    enabled: false\n");
    let on = |route: &str| format!("  - name: {route}\n");
    let switched = FILLED_IN.iter().fold(text.to_owned(), |text, (instead, plain)| {
        text.replace(&off(instead), &on(instead)).replace(&on(plain), &off(plain))
    });
    ["citizens", "land-ledger"].iter().fold(switched, |text, route| text.replace(&off(route), &on(route)))
}

fn population_system(secrets: &Path, address: &PopulationAddress, timeout: &str) -> String {
    let secret = |name: &str| quoted(&format!("file:{}", secrets.join(name).display()));
    let (user, key, api_key) = (secret("population-user"), secret("population-key"), secret("population-api-key"));
    let PopulationAddress { base, road_client, .. } = address;
    format!(
        "\
id: population
adapter: population
policy:
  concurrency: 8
  timeout: {timeout}
  retry: {{ budget: 12, first: 100ms, longest: 2s }}
  gate: {{ failures: 3, probe_first: 200ms, probe_longest: 1s, ramp_every: 2 }}
settings:
  endpoints:
    - name: simulated
      address: {base}/
      access:
        ndxp: {{ user: {user}, secret_key: {key}, api_key: {api_key}, road_client: {road_client}, timestamps: milliseconds }}
  operations: {{ find_citizen: {{ integration_code: \"037\" }} }}
  unit: {{ sent: known, default: H56 }}
  transport: {{ idle_timeout: 15s }}
"
    )
}

fn tax_system(secrets: &Path, base: &str, timeout: &str) -> String {
    let secret = |name: &str| quoted(&format!("file:{}", secrets.join(name).display()));
    let (username, password) = (secret("tax-username"), secret("tax-password"));
    format!(
        "\
id: tax
adapter: tax
policy:
  concurrency: 8
  timeout: {timeout}
  retry: {{ budget: 12, first: 100ms, longest: 2s }}
  gate: {{ failures: 3, probe_first: 200ms, probe_longest: 1s, ramp_every: 2 }}
settings:
  endpoints: [{{ name: simulated, url: \"{base}/t2b/gip/request\" }}]
  partner: {{ code: H56 }}
  authentication: {{ digest: {{ username: {username}, password: {password} }} }}
  taxpayer: {{ empty_answer: not_found }}
  ledger:
    type: \"00109\"
    name: Truy vấn sổ thuế nhà đất
    dossier_element: MA_HS
    owner_element: SO
    nothing_owed: [\"02\"]
    unknown: [\"03\"]
  slip: {{ answer: {{ types: [\"00101\"], accepted: [\"01\"] }} }}
  transport: {{ idle_timeout: 15s }}
"
    )
}

fn land_system(secrets: &Path, base: &str, timeout: &str) -> String {
    let secret = |name: &str| quoted(&format!("file:{}", secrets.join(name).display()));
    let (code, pushes) = (secret("land-code"), secret("land-pushes"));
    format!(
        "\
id: land
adapter: land
policy:
  concurrency: 8
  timeout: {timeout}
  retry: {{ budget: 12, first: 100ms, longest: 2s }}
  gate: {{ failures: 3, probe_first: 200ms, probe_longest: 1s, ramp_every: 2 }}
settings:
  dialect: vbdlis
  endpoints: [{{ name: simulated, base: {base} }}]
  phrases: {{ maintenance: [\"đang bảo trì\"], throttled: [\"đang quá tải\"] }}
  files: {{ base: {base}, origins: [], max_bytes: 1048576 }}
  lists:
    security_code: {code}
    daily_at: \"05:00\"
    officers: {{ path: GetDanhMucNguoiDung, rows: /data, code: TenDangNhap, name: HoTen }}
    procedures: {{ path: GetDanhMucThuTuc, rows: /data, code: MaThuTuc, name: TenThuTuc }}
    statuses: {{ path: GetDanhMucTrangThai, rows: /data, code: MaTrangThai, name: TenTrangThai }}
  transport: {{ idle_timeout: 15s }}
  inbound: {{ secret: {pushes}, repeat_window: 720h, unreadable: error }}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_the_example_has_is_taken_along() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
        let mut found = Vec::new();
        for part in ["calendars", "flows", "messages", "reconciliations", "routes", "tables"] {
            for entry in std::fs::read_dir(example.join(part)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    found.push(format!("{part}/{}", entry.file_name().to_str().unwrap()));
                }
            }
        }
        found.sort_unstable();
        let taken: Vec<&str> =
            SHIPPED.iter().map(|(path, _)| *path).filter(|path| !path.starts_with("clients/")).collect();
        assert_eq!(found, taken);
    }
}
