//! The lower steps: name, route, connection, as the transport would make them. It speaks no protocol.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use lienthong_core::Clock;
use lienthong_core::network::{NetworkEndpoint, NetworkPlace};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use super::step::{Label, Step, StepName, Who, text};

/// What is connected to first: the proxy where there is one.
pub(super) fn first_place(endpoint: &NetworkEndpoint) -> &NetworkPlace {
    endpoint.proxy.as_ref().map_or(&endpoint.place, |proxy| &proxy.place)
}

/// The addresses to try, and how they were found.
pub(super) async fn resolve(clock: &dyn Clock, endpoint: &NetworkEndpoint) -> (Step, Vec<IpAddr>) {
    let place = first_place(endpoint);
    let step = Step::ok(StepName::Name).with(Label::Host, &place.host);
    if let Ok(address) = place.host.parse::<IpAddr>() {
        return (step.with(Label::Addresses, address), vec![address]);
    }
    if !endpoint.fixed.is_empty() {
        return (step.with(Label::FixedAddresses, listed(&endpoint.fixed)), endpoint.fixed.clone());
    }
    let began = clock.monotonic();
    let asked = tokio::net::lookup_host((place.host.as_str(), place.port));
    let found = tokio::time::timeout(endpoint.connect_timeout, asked).await;
    let step = step.after(clock.monotonic().saturating_sub(began));
    let said = || {
        text(
            "Không tìm được địa chỉ của tên này; kiểm tra DNS của máy chủ cổng, hoặc đặt địa chỉ trong cấu hình (transport.dns).",
            "This name has no address here; check this machine's DNS, or fix the address in the configuration (transport.dns).",
        )
    };
    match found {
        Ok(Ok(all)) => {
            let mut addresses: Vec<IpAddr> = Vec::new();
            all.map(|one| one.ip()).for_each(|one| {
                if !addresses.contains(&one) {
                    addresses.push(one);
                }
            });
            match addresses.is_empty() {
                true => (step.but(Who::Network, said()), addresses),
                false => (step.with(Label::Addresses, listed(&addresses)), addresses),
            }
        }
        Ok(Err(error)) => (step.with(Label::Error, error).but(Who::Network, said()), Vec::new()),
        Err(_) => {
            let slow = text("DNS không trả lời kịp thời.", "DNS did not answer in time.");
            (step.but(Who::Network, slow), Vec::new())
        }
    }
}

fn listed(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The address of this machine that packets would leave from. Nothing is sent.
pub(super) async fn route(endpoint: &NetworkEndpoint, addresses: &[IpAddr]) -> Step {
    let usable = addresses.iter().find(|address| endpoint.source.is_none_or(|source| same_family(source, **address)));
    let Some(address) = usable else {
        let said = text(
            "Địa chỉ nguồn trong cấu hình khác họ (IPv4, IPv6) với mọi địa chỉ đích.",
            "The configured source address is of another family (IPv4, IPv6) than every address there.",
        );
        return Step::failed(StepName::Route, Who::Configuration, said);
    };
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = match UdpSocket::bind((endpoint.source.unwrap_or(any), 0)).await {
        Ok(socket) => socket,
        Err(error) => return not_ours(Step::ok(StepName::Route), endpoint, &error),
    };
    let found = match socket.connect((*address, first_place(endpoint).port)).await {
        Ok(()) => socket.local_addr(),
        Err(error) => Err(error),
    };
    match found {
        Ok(local) => Step::ok(StepName::Route).with(Label::SourceAddress, local.ip()),
        Err(error) => {
            let said = text("Không có đường mạng tới địa chỉ này.", "There is no route to this address.");
            Step::failed(StepName::Route, Who::Network, said).with(Label::Error, error)
        }
    }
}

fn same_family(one: IpAddr, other: IpAddr) -> bool {
    one.is_ipv4() == other.is_ipv4()
}

fn not_ours(step: Step, endpoint: &NetworkEndpoint, error: &io::Error) -> Step {
    let said = text(
        "Địa chỉ nguồn trong cấu hình (transport.source_address) không phải của máy chủ này.",
        "The configured source address (transport.source_address) is not one of this machine.",
    );
    let step = match endpoint.source {
        Some(source) => step.with(Label::SourceAddress, source),
        None => step,
    };
    step.with(Label::Error, error).but(Who::Configuration, said)
}

/// A connection to the first address that takes one.
pub(super) async fn connect(
    clock: &dyn Clock,
    endpoint: &NetworkEndpoint,
    addresses: &[IpAddr],
) -> (Step, Option<TcpStream>) {
    let port = first_place(endpoint).port;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let usable = addresses.iter().filter(|address| endpoint.source.is_none_or(|source| same_family(source, **address)));
    let began = clock.monotonic();
    for address in usable {
        let address = SocketAddr::new(*address, port);
        let began = clock.monotonic();
        let tried = tokio::time::timeout(endpoint.connect_timeout, connected(endpoint.source, address)).await;
        let took = clock.monotonic().saturating_sub(began);
        match tried.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) => return (Step::ok(StepName::Connect).with(Label::Address, address).after(took), Some(stream)),
            Err(error) => last = error,
        }
    }
    let step = Step::ok(StepName::Connect).after(clock.monotonic().saturating_sub(began));
    (unconnected(step, endpoint, &last), None)
}

async fn connected(source: Option<IpAddr>, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.connect(address).await
}

fn unconnected(step: Step, endpoint: &NetworkEndpoint, error: &io::Error) -> Step {
    let (who, said) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (
            Who::Target,
            text(
                "Máy chủ đích từ chối kết nối: không có dịch vụ ở cổng này, hoặc tường lửa phía đích từ chối.",
                "The connection is refused: nothing listens on this port, or a firewall on their side refuses it.",
            ),
        ),
        io::ErrorKind::AddrNotAvailable => return not_ours(step, endpoint, error),
        io::ErrorKind::TimedOut => (
            Who::Network,
            text(
                "Không có trả lời trong thời gian cho phép: thường do tường lửa chặn, hoặc địa chỉ nguồn chưa được mở.",
                "No answer in time: mostly a firewall that drops packets, or a source address that was not opened.",
            ),
        ),
        // The operating system's own list is open: whatever else it says concerns the way there.
        _another => (Who::Network, text("Không kết nối được.", "No connection could be made.")),
    };
    step.with(Label::Error, error).but(who, said)
}
