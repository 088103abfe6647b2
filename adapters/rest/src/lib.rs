//! A system that configuration alone describes, as an adapter: translates and speaks; it never retries, queues, stores or routes.
