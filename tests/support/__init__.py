"""What the tests stand on: databases, apps, clients and browsers. Each file says what it gives."""
