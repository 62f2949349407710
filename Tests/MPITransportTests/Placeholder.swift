// MPITransport
