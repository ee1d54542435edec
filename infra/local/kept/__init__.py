"""What the journal keeps of the laptop's AWS, a file for each service; everything else is made again at start."""

ACCOUNT = "123456789012"
REGION = "us-east-1"
