//! The land registry (VBDLIS, iLIS) as an adapter: translates and speaks; it never retries, queues, stores or routes.
