//! A real browser, driven over the WebDriver protocol by a private chromedriver. It ends only what it started, and judges nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{PATIENCE, http};

/// How WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Between two looks at a page.
const LOOK: Duration = Duration::from_millis(15);
const QUIET: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-proxy-server",
    "--lang=vi",
];

/// Where a test run keeps what it made and what it needs: the build's own folder.
pub(crate) fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().to_owned()
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Run,
    Off,
}

/// What a page is looked at with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
}

/// One browser with one window.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    base: String,
    http: reqwest::Client,
    _profile: TempDir,
}

/// An element of the page it was found on.
#[derive(Debug, Clone)]
pub(crate) struct Element(String);

impl Browser {
    /// A fresh one; paths are those of `base`.
    pub(crate) async fn open(base: &str, scripts: Scripts) -> Self {
        let folder = target().join("browser");
        std::fs::create_dir_all(&folder).unwrap();
        let profile = TempDir::with_prefix_in("profile-", &folder).unwrap();
        let (driver, port) = start(profile.path());
        let mut browser =
            Self { driver, port, session: String::new(), base: base.to_owned(), http: http(), _profile: profile };
        let mut arguments: Vec<String> = QUIET.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", browser._profile.path().join("data").display()));
        let mut options = json!({ "args": arguments });
        if scripts == Scripts::Off {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        if let Some(binary) = std::env::var_os("LIENTHONG_TEST_CHROMIUM") {
            options["binary"] = json!(binary.to_str().unwrap());
        }
        let capabilities = json!({ "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } });
        let opened = browser.ask("POST", "session", &json!({ "capabilities": capabilities })).await.unwrap();
        browser.session = opened["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let address = format!("http://{}:{}/{path}", Ipv4Addr::LOCALHOST, self.port);
        let request = self.http.request(method.parse().unwrap(), address);
        let request = if method == "POST" { request.json(body) } else { request };
        let answer: Value = request.send().await.map_err(|error| error.to_string())?.json().await.unwrap();
        match answer["value"]["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", answer["value"]["message"].as_str().unwrap_or_default())),
            None => Ok(answer["value"].clone()),
        }
    }

    async fn act(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.ask("POST", &format!("session/{}/{path}", self.session), body).await
    }

    /// Opens a page of the gateway.
    pub(crate) async fn go(&self, path: &str) {
        self.act("url", &json!({ "url": format!("{}{path}", self.base) })).await.unwrap();
    }

    /// The path it is at.
    pub(crate) async fn path(&self) -> String {
        let url = self.ask("GET", &format!("session/{}/url", self.session), &Value::Null).await.unwrap();
        url.as_str().unwrap().strip_prefix(&self.base).unwrap_or_default().to_owned()
    }

    async fn found(&self, selector: &str) -> Result<Vec<Element>, String> {
        let found = self.act("elements", &json!({ "using": "css selector", "value": selector })).await?;
        let ids = found.as_array().unwrap().iter().filter_map(|one| one[ELEMENT].as_str());
        Ok(ids.map(|id| Element(id.to_owned())).collect())
    }

    /// Looks until there is an answer; a page that never gives one is shown in the failure.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self).await {
                return found;
            }
            if Instant::now() > deadline {
                panic!("{what} never came at {}:\n{}", self.path().await, self.text("body").await);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The first element there is, when it comes.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        self.until(selector, async |this: &Self| this.found(selector).await.ok()?.into_iter().next()).await
    }

    /// What people read in the first element there is; nothing where there is none, or it has just been renewed.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let Some(Element(id)) = self.found(selector).await.unwrap_or_default().into_iter().next() else {
            return String::new();
        };
        let path = format!("session/{}/element/{id}/text", self.session);
        let read = self.ask("GET", &path, &Value::Null).await;
        read.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until an element says something.
    pub(crate) async fn says(&self, selector: &str, what: &str) {
        let what_of = format!("`{what}` in {selector}");
        self.until(&what_of, async |this: &Self| this.text(selector).await.contains(what).then_some(())).await;
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.until(&format!("a click on {selector}"), async |this: &Self| {
            let Element(id) = this.found(selector).await.ok()?.into_iter().next()?;
            this.act(&format!("element/{id}/click"), &json!({})).await.ok()
        })
        .await;
    }

    /// Types into a field, in the place of what stands there.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let Element(id) = self.find(selector).await;
        self.act(&format!("element/{id}/clear"), &json!({})).await.unwrap();
        self.act(&format!("element/{id}/value"), &json!({ "text": text })).await.unwrap();
    }

    /// Chooses a file.
    pub(crate) async fn attach(&self, selector: &str, file: &Path) {
        let Element(id) = self.find(selector).await;
        self.act(&format!("element/{id}/value"), &json!({ "text": file })).await.unwrap();
    }

    /// An attribute or, where it has one, a property.
    pub(crate) async fn value(&self, selector: &str) -> String {
        let Element(id) = self.find(selector).await;
        let path = format!("session/{}/element/{id}/property/value", self.session);
        let value = self.ask("GET", &path, &Value::Null).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.act("execute/sync", &json!({ "script": script, "args": [] })).await.unwrap()
    }

    /// A script that calls back.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        self.act("execute/async", &json!({ "script": script, "args": [] })).await.unwrap()
    }

    async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.act("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await.unwrap()
    }

    pub(crate) async fn look_with(&self, screen: Screen) {
        let Screen { name: _, width, height, dark } = screen;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &media).await;
    }

    /// The whole page as it looks, kept.
    pub(crate) async fn photograph(&self, name: &str) {
        let shot =
            self.devtools("Page.captureScreenshot", &json!({ "format": "png", "captureBeyondViewport": true })).await;
        let bytes = STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        let folder = target().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// Logs in and comes to the first page.
    pub(crate) async fn log_in(&self, name: &str, password: &str) {
        self.go("/console/login").await;
        self.fill("input[name=name]", name).await;
        self.fill("input[name=password]", password).await;
        self.click("main button[type=submit]").await;
        self.until("the first page", async |this: &Self| (this.path().await == "/console").then_some(())).await;
    }
}

/// A chromedriver on a port of its own choice.
fn start(home: &Path) -> (Child, u16) {
    let program = std::env::var_os("LIENTHONG_TEST_CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
    let mut command = Command::new(&program);
    command.arg("--port=0").env("HOME", home).env("XDG_CONFIG_HOME", home).env("XDG_CACHE_HOME", home);
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut driver = started.unwrap_or_else(|error| {
        panic!("{} cannot be started ({error}): install chromium-driver (tests/run does)", program.display())
    });
    let mut lines = BufReader::new(driver.stdout.take().unwrap());
    let mut line = String::new();
    let port = loop {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "chromedriver ended before it told its port");
        if let Some((_, rest)) = line.split_once("started successfully on port ") {
            break rest.trim_end().trim_end_matches('.').parse().unwrap();
        }
    };
    // What else it says is read, so that it never waits for a reader.
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _read = lines.read_to_end(&mut rest);
    });
    (driver, port)
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser it began; only then is it ended itself.
        if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
            let _limit = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let path = format!("/session/{}", self.session);
            let request = format!("DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let _asked = stream.write_all(request.as_bytes());
            let _ended = stream.read_to_end(&mut Vec::new());
        }
        let _gone_is_fine = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}
