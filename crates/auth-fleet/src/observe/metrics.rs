//! Events for `metrics`.

use auth_core::{EventContext, MetricsObserver};
use metrics::{counter, gauge, histogram};

use crate::observe::event::{FleetEvent, FleetObserver, index};

/// Counts events with `metrics`, labelled by issuer but not by scope, since there may be as many scopes as customers.
///
/// | metric | labels |
/// |---|---|
/// | counter `auth_fleet_hits_total` | `issuer` |
/// | counter `auth_fleet_led_total` | `issuer` |
/// | counter `auth_fleet_waited_total` | `issuer` |
/// | counter `auth_fleet_alone_total` | `issuer` |
/// | counter `auth_fleet_store_down_total` | `issuer`, `reason` |
/// | counter `auth_fleet_store_up_total` | `issuer` |
/// | counter `auth_fleet_not_opened_total` | `issuer` |
/// | gauge `auth_fleet_store_is_down`, 1 or 0 | `issuer` |
/// | histogram `auth_fleet_wait_seconds` | `issuer` |
///
/// `reason` is a value of [`StoreErrorKind::as_str`](crate::StoreErrorKind::as_str).
impl FleetObserver for MetricsObserver {
    fn on_event(&self, context: &EventContext<'_>, event: &FleetEvent<'_>) {
        const NAMES: [&str; 7] = [
            "auth_fleet_hits_total",
            "auth_fleet_led_total",
            "auth_fleet_waited_total",
            "auth_fleet_alone_total",
            "auth_fleet_store_down_total",
            "auth_fleet_store_up_total",
            "auth_fleet_not_opened_total",
        ];
        const IS_DOWN: &str = "auth_fleet_store_is_down";

        let (name, issuer) = (NAMES[index(event)], context.issuer.to_owned());
        match event {
            FleetEvent::StoreDown { error, .. } => {
                gauge!(IS_DOWN, "issuer" => issuer.clone()).set(1.0);
                counter!(name, "issuer" => issuer, "reason" => error.kind().as_str()).increment(1);
                return;
            }
            FleetEvent::StoreUp { .. } => gauge!(IS_DOWN, "issuer" => issuer.clone()).set(0.0),
            FleetEvent::Waited { took } => {
                histogram!("auth_fleet_wait_seconds", "issuer" => issuer.clone()).record(took.as_secs_f64());
            }
            _ => {}
        }
        counter!(name, "issuer" => issuer).increment(1);
    }
}
