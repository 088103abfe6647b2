//! The national population database (CSDLQG về dân cư) as an adapter: translates and speaks; it never retries, queues, stores or routes.
