module ringback/bench/sockets

go 1.24.0
