"""What the log shows when one looks at many rows: rules, what they found, and what people said to it."""
