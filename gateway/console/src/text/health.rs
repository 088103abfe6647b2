//! The words of how systems are, in both languages. They decide nothing.

use lienthong_core::network::SessionState;
use lienthong_engine::desk::backlog::{Drain, Why};
use lienthong_engine::desk::health::{Sign, SystemState};
use serde::Serialize;

use super::fill;

/// How systems are.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    pub(crate) state: &'static str,
    pub(crate) up: &'static str,
    pub(crate) degraded: &'static str,
    pub(crate) down: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) maintenance: &'static str,
    pub(crate) because: &'static str,
    pub(crate) paused_by: &'static str,
    pub(crate) in_maintenance: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) fails: &'static str,
    pub(crate) slow: &'static str,
    pub(crate) near_timeout: &'static str,
    pub(crate) opening: &'static str,
    pub(crate) untried: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) session: &'static str,
    pub(crate) session_open: &'static str,
    pub(crate) session_opening: &'static str,
    pub(crate) session_closed: &'static str,
    pub(crate) sessionless: &'static str,
    pub(crate) lately: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) latency: &'static str,
    pub(crate) came: &'static str,
    pub(crate) went: &'static str,
    pub(crate) open: &'static str,
    pub(crate) drained: &'static str,
    pub(crate) drained_now: &'static str,
    pub(crate) never: &'static str,
    pub(crate) nothing_goes: &'static str,
    pub(crate) not_measured: &'static str,
    pub(crate) not_a_system: &'static str,
    pub(crate) will_miss: &'static str,
    pub(crate) overdue: &'static str,
    pub(crate) near: &'static str,
    pub(crate) later: &'static str,
    pub(crate) undated: &'static str,
    pub(crate) parked_at_risk: &'static str,
    pub(crate) oldest: &'static str,
    pub(crate) age: &'static str,
    pub(crate) under_ten_minutes: &'static str,
    pub(crate) under_an_hour: &'static str,
    pub(crate) under_eight_hours: &'static str,
    pub(crate) under_a_day: &'static str,
    pub(crate) under_a_week: &'static str,
    pub(crate) longer: &'static str,
    pub(crate) looked_at: &'static str,
    pub(crate) incomplete: &'static str,
    pub(crate) by_minute: &'static str,
    pub(crate) by_hour: &'static str,
    pub(crate) attempts_chart: &'static str,
    pub(crate) latency_chart: &'static str,
    pub(crate) chart_table: &'static str,
    pub(crate) at: &'static str,
    pub(crate) down_minutes: &'static str,
    pub(crate) nothing_measured: &'static str,
    pub(crate) backlog: &'static str,
    pub(crate) bulk: &'static str,
    pub(crate) bulk_says: &'static str,
    pub(crate) exchanges: &'static str,
}

impl Health {
    pub(crate) fn state(&self, state: SystemState) -> &'static str {
        match state {
            SystemState::Up => self.up,
            SystemState::Degraded => self.degraded,
            SystemState::Down => self.down,
            SystemState::Paused => self.paused,
            SystemState::Maintenance => self.maintenance,
        }
    }

    /// The classes of ages, in their order.
    pub(crate) fn ages(&self) -> [&'static str; 6] {
        [
            self.under_ten_minutes,
            self.under_an_hour,
            self.under_eight_hours,
            self.under_a_day,
            self.under_a_week,
            self.longer,
        ]
    }

    pub(crate) fn session(&self, session: SessionState) -> String {
        match session {
            SessionState::Open(Some(left)) => format!("{} ({} s)", self.session_open, left.as_secs()),
            SessionState::Open(None) => self.session_open.to_owned(),
            SessionState::Opening => self.session_opening.to_owned(),
            SessionState::Closed => self.session_closed.to_owned(),
            SessionState::Sessionless => self.sessionless.to_owned(),
            SessionState::Unknown => self.unknown.to_owned(),
        }
    }

    /// What a sign says, and the system's or an operator's own words.
    pub(crate) fn sign<'s>(&self, sign: &'s Sign) -> (String, Option<&'s str>) {
        let seconds = |of: &std::time::Duration| format!("{:.1}", of.as_secs_f32());
        match sign {
            Sign::Paused(why) => (self.paused_by.to_owned(), why.as_deref()),
            Sign::Maintenance(why) => (self.in_maintenance.to_owned(), why.as_deref()),
            Sign::Closed(why) => (self.closed.to_owned(), why.as_deref()),
            Sign::Fails { failed, of } => (fill(self.fails, &[("failed", failed), ("of", of)]), None),
            Sign::Slow { p95, usually } => {
                (fill(self.slow, &[("p95", &seconds(p95)), ("usually", &seconds(usually))]), None)
            }
            Sign::NearTimeout { p95, timeout } => {
                (fill(self.near_timeout, &[("p95", &seconds(p95)), ("timeout", &seconds(timeout))]), None)
            }
            Sign::Opening { calls, of } => (fill(self.opening, &[("calls", calls), ("of", of)]), None),
            Sign::Untried => (self.untried.to_owned(), None),
        }
    }

    pub(crate) fn drain(&self, drain: Drain) -> String {
        match drain {
            Drain::Nothing => self.drained_now.to_owned(),
            Drain::At(at) => crate::time::text(at),
            Drain::Never => self.never.to_owned(),
            Drain::Unknown(Why::NothingGoes) => format!("{}: {}", self.unknown, self.nothing_goes),
            Drain::Unknown(Why::NotMeasured) => format!("{}: {}", self.unknown, self.not_measured),
            Drain::Unknown(Why::NotASystem) => format!("{}: {}", self.unknown, self.not_a_system),
        }
    }
}

pub(super) const VI: Health = Health {
    state: "Tình trạng",
    up: "Hoạt động",
    degraded: "Suy giảm",
    down: "Không phục vụ",
    paused: "Tạm dừng",
    maintenance: "Bảo trì",
    because: "Dấu hiệu",
    paused_by: "Cán bộ vận hành đã tạm dừng",
    in_maintenance: "Đang trong khung giờ bảo trì",
    closed: "Hệ thống không phục vụ",
    fails: "{failed} trên {of} lần gửi gần đây không được phục vụ",
    slow: "95% lần gửi mất tới {p95} giây, bình thường {usually} giây",
    near_timeout: "95% lần gửi mất tới {p95} giây, quá {timeout} giây thì bỏ dở",
    opening: "Đang mở lại từng bước: {calls} trên {of} lần gọi cùng lúc",
    untried: "Từ khi khởi động chưa gửi gì đến hệ thống này",
    unknown: "chưa biết",
    session: "Phiên làm việc",
    session_open: "đang mở",
    session_opening: "đang đăng nhập",
    session_closed: "chưa mở; lần gọi tới sẽ đăng nhập",
    sessionless: "không cần phiên",
    lately: "10 phút gần nhất",
    answered: "Thành công",
    refused: "Từ chối dữ liệu",
    failed: "Không được phục vụ",
    latency: "Thời gian p50 / p95 / p99",
    came: "Đến mỗi phút",
    went: "Xong mỗi phút",
    open: "Đang chờ gửi",
    drained: "Dự kiến gửi hết",
    drained_now: "không còn gì chờ",
    never: "không hết được: đến nhanh hơn gửi",
    nothing_goes: "hiện không gửi gì",
    not_measured: "chưa đo đủ",
    not_a_system: "lượt gửi ở đây chờ việc khác, không chờ hệ thống",
    will_miss: "Sẽ lỡ ngày hẹn trả",
    overdue: "Đã quá ngày hẹn trả",
    near: "Hẹn trả trong 4 giờ làm việc",
    later: "Hẹn trả muộn hơn",
    undated: "Không có ngày hẹn",
    parked_at_risk: "Trong đó đang tạm giữ",
    oldest: "Cũ nhất từ",
    age: "Đã chờ",
    under_ten_minutes: "dưới 10 phút",
    under_an_hour: "dưới 1 giờ",
    under_eight_hours: "dưới 8 giờ",
    under_a_day: "dưới 1 ngày",
    under_a_week: "dưới 7 ngày",
    longer: "lâu hơn",
    looked_at: "Xem lúc",
    incomplete: "Có nhiều hơn số đã xem; các số này là ít nhất.",
    by_minute: "Ba giờ gần nhất, từng phút",
    by_hour: "Bảy ngày gần nhất, từng giờ",
    attempts_chart: "Số lần gửi theo kết quả",
    latency_chart: "Thời gian trả lời (giây): p50, p95, p99",
    chart_table: "Bảng số liệu",
    at: "Lúc",
    down_minutes: "Phút không phục vụ",
    nothing_measured: "Chưa đo được gì.",
    backlog: "Tồn đọng",
    bulk: "Gửi khối lượng lớn",
    bulk_says: "{count} lượt, mỗi giờ nhiều nhất {cap}, bắt đầu {begins}, dự kiến hết",
    exchanges: "Xem giao dịch",
};

pub(super) const EN: Health = Health {
    state: "State",
    up: "Up",
    degraded: "Degraded",
    down: "Down",
    paused: "Paused",
    maintenance: "In maintenance",
    because: "Signs",
    paused_by: "Paused by an operator",
    in_maintenance: "In a maintenance window",
    closed: "It does not serve",
    fails: "{failed} of {of} attempts were not served lately",
    slow: "95 in 100 attempts take up to {p95} s, usually {usually} s",
    near_timeout: "95 in 100 attempts take up to {p95} s; after {timeout} s they are given up",
    opening: "Opened step by step: {calls} of {of} calls at once",
    untried: "Nothing was heard of it since the start",
    unknown: "unknown",
    session: "Session",
    session_open: "open",
    session_opening: "a login is under way",
    session_closed: "none; the next call logs in",
    sessionless: "needs none",
    lately: "Last 10 minutes",
    answered: "Answered",
    refused: "Refused the data",
    failed: "Not served",
    latency: "Took p50 / p95 / p99",
    came: "Came a minute",
    went: "Went a minute",
    open: "Waits to be sent",
    drained: "Drained by",
    drained_now: "nothing waits",
    never: "never: more comes than goes",
    nothing_goes: "nothing is sent now",
    not_measured: "too little was measured",
    not_a_system: "what waits here waits for something else",
    will_miss: "Will miss the due date",
    overdue: "Overdue",
    near: "Due within 4 working hours",
    later: "Due later",
    undated: "Without a due date",
    parked_at_risk: "Of these parked",
    oldest: "Oldest from",
    age: "Has waited",
    under_ten_minutes: "under 10 minutes",
    under_an_hour: "under 1 hour",
    under_eight_hours: "under 8 hours",
    under_a_day: "under 1 day",
    under_a_week: "under 7 days",
    longer: "longer",
    looked_at: "Looked at",
    incomplete: "There is more than was looked at; these are the least.",
    by_minute: "Last three hours by minute",
    by_hour: "Last seven days by hour",
    attempts_chart: "Attempts by what came of them",
    latency_chart: "Took (seconds): p50, p95, p99",
    chart_table: "The numbers",
    at: "At",
    down_minutes: "Minutes down",
    nothing_measured: "Nothing was measured yet.",
    backlog: "Backlog",
    bulk: "Bulk traffic",
    bulk_says: "{count} deliveries, at most {cap} an hour, from {begins}, done by",
    exchanges: "Show exchanges",
};
