use super::{access::Access, log::Log};

/// What a sandbox that can be controlled over HTTP keeps for that.
pub(crate) struct Control {
    pub(crate) access: Access,
    pub(crate) log: Log,
}

impl Control {
    /// Permits these host names and addresses, besides those of loopback.
    pub(crate) fn for_hosts(hosts: Vec<String>) -> Self {
        Self { access: Access::new(hosts), log: Log::default() }
    }
}
