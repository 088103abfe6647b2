//! The tax authority's gateway (GIP) as an adapter: translates and speaks; it never retries, queues, stores or routes.
