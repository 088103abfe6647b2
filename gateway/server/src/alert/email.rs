//! Alerts by e-mail over SMTP. It sends to the server that is configured and to nobody else.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use lienthong_core::Timestamp;
use lienthong_core::fault::PublicText;
use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource};
use lienthong_engine::alert::{Courier, Message, Undelivered};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::callback::chain;
use crate::config::Span;

/// Most people one target writes to.
const RECIPIENTS: usize = 50;

/// Where and how alerts are mailed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailModel {
    /// The mail server's host.
    pub(crate) server: String,
    /// Usually 465 with `tls`, 587 with `starttls`.
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) security: Security,
    pub(crate) from: MailAddress,
    pub(crate) to: Vec<MailAddress>,
    #[serde(default)]
    pub(crate) login: Option<LoginModel>,
    /// PEM authorities to trust instead of the machine's.
    #[serde(default)]
    pub(crate) ca: Option<SecretRef>,
    #[serde(default)]
    pub(crate) language: MailLanguage,
    /// How long one try may take.
    #[serde(default = "twenty_seconds")]
    pub(crate) timeout: Span,
}

/// `name@host`, or `Name <name@host>`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(crate) struct MailAddress(Mailbox);

impl TryFrom<String> for MailAddress {
    type Error = &'static str;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse().map(Self).map_err(|_| "a mail address is written name@host, or Name <name@host>")
    }
}

/// Who we are at the mail server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginModel {
    pub(crate) username: SecretRef,
    pub(crate) password: SecretRef,
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Security {
    /// From the first byte.
    #[default]
    Tls,
    /// After a greeting in clear; a server that does not offer it is told nothing.
    Starttls,
    /// Never; only on this machine or within a network that nobody else reads. There is no login then.
    None,
}

/// In which language a mail is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailLanguage {
    #[default]
    Both,
    Vi,
    En,
}

fn twenty_seconds() -> Span {
    Span(Duration::from_secs(20))
}

impl EmailModel {
    /// What is wrong beyond single values, as (pointer, problem, remedy).
    pub(crate) fn check(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut found = Vec::new();
        if self.server.trim().is_empty() || self.server.contains(['/', '@', ' ']) {
            found.push((
                "/server",
                format!("`{}` is no host", self.server),
                "give the mail server's name or address alone",
            ));
        }
        if self.to.is_empty() || self.to.len() > RECIPIENTS {
            found.push(("/to", format!("has {} addresses", self.to.len()), "give 1 to 50"));
        }
        if self.security == Security::None && self.login.is_some() {
            let problem = "a password would travel in clear".to_owned();
            found.push(("/login", problem, "use `tls` or `starttls`, or leave the login out"));
        }
        found
    }
}

struct Email {
    from: Mailbox,
    to: Mailboxes,
    language: MailLanguage,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// Reads the secrets and prepares the connection; the text names what is wrong, never a secret.
pub(crate) fn build(model: &EmailModel, secrets: &dyn SecretSource) -> Result<Arc<dyn Courier>, String> {
    let tls = match model.security {
        Security::None => Tls::None,
        Security::Tls => Tls::Wrapper(parameters(model, secrets)?),
        Security::Starttls => Tls::Required(parameters(model, secrets)?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&model.server)
        .port(model.port)
        .tls(tls)
        .timeout(Some(model.timeout.0));
    if let Some(login) = &model.login {
        let read = |reference| secrets.read(reference).map(|secret| secret.expose_secret().to_owned());
        builder = builder.credentials(Credentials::new(read(&login.username)?, read(&login.password)?));
    }
    let to = model.to.iter().map(|to| to.0.clone()).collect();
    Ok(Arc::new(Email { from: model.from.0.clone(), to, language: model.language, transport: builder.build() }))
}

fn parameters(model: &EmailModel, secrets: &dyn SecretSource) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(model.server.clone());
    if let Some(reference) = &model.ca {
        let pem = secrets.read(reference)?;
        let trusted = Certificate::from_pem(pem.expose_secret().as_bytes())
            .map_err(|_| format!("{reference} holds no PEM certificate"))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(trusted);
    }
    builder.build_rustls().map_err(|error| format!("TLS towards the mail server cannot be prepared: {}", chain(&error)))
}

impl Email {
    fn mail(&self, message: &Message) -> Result<lettre::Message, Undelivered> {
        let said = |text: &PublicText, between: &str| match self.language {
            MailLanguage::Vi => text.vi.clone(),
            MailLanguage::En => text.en.clone(),
            MailLanguage::Both => format!("{}{between}{}", text.vi, text.en),
        };
        let subject = match self.language {
            MailLanguage::Vi | MailLanguage::Both => &message.subject.vi,
            MailLanguage::En => &message.subject.en,
        };
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .subject(format!("[lienthong] {subject}"))
            // The same for every try: a mail that comes twice is shown once.
            .message_id(Some(format!("<{}@{}>", message.id, self.from.email.domain())))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN);
        builder = self.to.iter().fold(builder, |builder, to| builder.to(to.clone()));
        let body = said(&message.body, "\n\n----------\n\n") + "\n";
        builder.body(body).map_err(|error| Undelivered(format!("the mail cannot be written: {}", chain(&error))))
    }
}

#[async_trait]
impl Courier for Email {
    async fn carry(&self, message: &Message, _now: Timestamp) -> Result<(), Undelivered> {
        let mail = self.mail(message)?;
        match self.transport.send(mail).await {
            Ok(_taken) => Ok(()),
            Err(error) => Err(Undelivered(chain(&error))),
        }
    }
}
