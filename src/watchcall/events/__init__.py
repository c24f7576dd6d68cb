"""What makes a look early: systemd, over D-Bus. The periodic look stays the authority."""
