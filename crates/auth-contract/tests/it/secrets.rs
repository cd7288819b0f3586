//! Reports hold no secret, whatever the servers do.
