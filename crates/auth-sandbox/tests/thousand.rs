//! A thousand simultaneous connections. Client and server are two processes, which do nothing else, since many systems
//! allow a process 1,024 file descriptors.
#![cfg(test)]

use std::{
    io::{self, BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Connects, sends a request and reads the beginning of the answer; the connection stays open.
async fn served(address: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /customers/v1 HTTP/1.1\r\nhost: x\r\n\r\n").await?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await?;
    assert_eq!(&status, b"HTTP/1.1 401");
    Ok(stream)
}

#[tokio::test]
async fn a_thousand_connections_at_once_are_served() {
    const TOO_MANY_OPEN_FILES: i32 = 24;
    let mut command = Command::new(env!("CARGO_BIN_EXE_auth-sandbox"));
    let mut program = Program(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let lines = BufReader::new(program.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let (sender, receiver) = mpsc::channel::<SocketAddr>();
    // Reads to the end: a program that cannot print its other settings ends, and its connections with it.
    thread::spawn(move || {
        for line in lines {
            if let Some(address) = line.strip_prefix("export LEAN_AUTH_URL=http://") {
                let _ = sender.send(address.parse().unwrap());
            }
        }
    });
    let address = receiver.recv_timeout(Duration::from_secs(60)).expect("the program prints its address");
    let mut attempts = JoinSet::new();
    for _ in 0..1000 {
        attempts.spawn(served(address));
    }
    let mut open = Vec::new();
    while let Some(stream) = timeout(Duration::from_secs(60), attempts.join_next()).await.unwrap() {
        match stream.unwrap() {
            Ok(stream) => open.push(stream),
            // This system allows even fewer, which says nothing about the sandbox.
            Err(error) if cfg!(unix) && error.raw_os_error() == Some(TOO_MANY_OPEN_FILES) => {
                println!("skipped: this system allows a process only {} connections", open.len());
                return;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(open.len(), 1000);
}
