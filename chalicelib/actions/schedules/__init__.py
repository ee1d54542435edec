"""What becomes of the ticks of schedules."""
