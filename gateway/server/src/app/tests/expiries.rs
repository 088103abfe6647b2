//! Until when what a gateway uses holds: from the files in use and from the configuration, over a reload too.

use lienthong_engine::expiry::Material;

use super::Ground;

fn certificate(name: &str, year: i32) -> String {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.not_after = rcgen::date_time_ymd(year, 5, 1);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

/// What the running gateway tells of a system.
async fn told(app: &super::App, system: &str) -> Vec<(Material, String, String)> {
    let systems = app.state().service.systems().await.unwrap();
    let view = systems.into_iter().find(|view| view.system.as_str() == system).unwrap();
    view.expiries.into_iter().map(|expiry| (expiry.material, expiry.setting, expiry.until.to_string())).collect()
}

#[tokio::test]
async fn certificates_in_use_tell_when_they_end_and_a_reload_tells_of_new_ones() {
    let ground = Ground::new().await;
    std::fs::write(ground.path().join("secrets/ca.pem"), certificate("Bên chứng thực", 2031)).unwrap();
    let password = format!("file:{}", ground.path().join("secrets/password").display());
    ground.edit("systems/portal.yaml", "transport: { idle", "transport: { ca: 'file:secrets/ca.pem', idle");
    let expires = format!("adapter: portal\nexpires: [{{ secret: '{password}', until: 2030-01-31 }}]");
    ground.edit("systems/portal.yaml", "adapter: portal", &expires);
    let app = ground.start().await;
    let setting = "endpoints.0.axis.password".to_owned();
    let expected = [
        (Material::Secret, setting.clone(), "2030-01-31T17:00:00Z".to_owned()),
        (Material::Certificate, "transport.ca".to_owned(), "2031-05-01T00:00:00Z".to_owned()),
    ];
    assert_eq!(told(&app, "portal").await, expected);
    // Replaced on disk it is not in use yet.
    std::fs::write(ground.path().join("secrets/ca.pem"), certificate("Bên chứng thực", 2029)).unwrap();
    assert_eq!(told(&app, "portal").await, expected);
    app.state().reload.reload().await.unwrap();
    let after = told(&app, "portal").await;
    assert_eq!(after[0], (Material::Certificate, "transport.ca".to_owned(), "2029-05-01T00:00:00Z".to_owned()));
    assert_eq!(after[1].1, setting);
    app.stop().await;
}

#[tokio::test]
async fn the_ports_own_certificate_is_told_with_the_gateway() {
    let ground = Ground::new().await;
    let signed = rcgen::generate_simple_self_signed(["gateway.test".to_owned()]).unwrap();
    std::fs::write(ground.path().join("secrets/server.pem"), signed.cert.pem()).unwrap();
    std::fs::write(ground.path().join("secrets/server.key"), signed.signing_key.serialize_pem()).unwrap();
    let tls = "listen:\n  tls: { certificate: secrets/server.pem, key: 'file:secrets/server.key' }\n";
    ground.edit("gateway.yaml", "listen:\n", tls);
    let app = ground.start().await;
    let told = told(&app, "gateway").await;
    assert_eq!(told.iter().map(|(_, setting, _)| setting.as_str()).collect::<Vec<_>>(), ["listen.tls.certificate"]);
    app.stop().await;
}
