//! Where health is asked: an address of this machine, or a socket in the file system.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where health is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An address and port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// Why nobody can ask there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// It is an address that others can reach.
    #[error(
        "{0} can be reached from other machines; nothing was followed; name an address such as 127.0.0.1, or add --health-public if that is meant"
    )]
    Public(SocketAddr),
    /// The system does not give it.
    #[error("health cannot be asked at {place}: {error}; nothing was followed; name another place")]
    Taken {
        /// The place.
        place: Place,
        /// What the system says.
        error: io::Error,
    },
    /// A process answers there.
    #[error("another process answers at {0}; nothing was followed; name another place")]
    InUse(Place),
    /// Something else has the name.
    #[error("{0} is no socket; nothing was followed, and it was left alone; name another place")]
    NoSocket(PathBuf),
    /// Others may enter the socket's folder.
    #[error("{0} is open to others; nothing was followed; make it 0700, or put the socket into a folder of your own")]
    OpenFolder(PathBuf),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = Path::new(path);
            return if path.is_absolute() && path.file_name().is_some() {
                Ok(Self::Unix(path.to_path_buf()))
            } else {
                Err("write unix: and an absolute path".to_owned())
            };
        }
        if let Some(port) = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()) {
            return Ok(Self::Tcp((Ipv4Addr::LOCALHOST, port).into()));
        }
        text.parse().map(Self::Tcp).map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:13133, or unix:PATH".to_owned())
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// An open socket.
#[derive(Debug)]
pub enum Listener {
    /// An address and port.
    Tcp(TcpListener),
    /// A socket in the file system, removed when it is dropped.
    Unix(UnixListener, SocketFile),
}

/// The name of a socket, which outlives the process unless it is removed.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Someone may have removed it already; the next start removes what is left.
        let _ = fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Opens the socket; one that others can reach only where that is said to be meant.
    pub fn open(place: &Place, is_public: bool) -> Result<Self, ListenError> {
        let taken = |error| ListenError::Taken { place: place.clone(), error };
        match place {
            Place::Tcp(address) if !is_public && !address.ip().is_loopback() => Err(ListenError::Public(*address)),
            Place::Tcp(address) => {
                let listener = TcpListener::bind(address).map_err(taken)?;
                listener.set_nonblocking(true).map_err(taken)?;
                Ok(Self::Tcp(listener))
            }
            Place::Unix(path) => {
                make_room(place, path)?;
                let listener = UnixListener::bind(path).map_err(taken)?;
                let file = SocketFile(path.clone());
                fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(taken)?;
                listener.set_nonblocking(true).map_err(taken)?;
                Ok(Self::Unix(listener, file))
            }
        }
    }

    /// The place, with the port that the system chose where none was named.
    pub fn place(&self) -> io::Result<Place> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Place::Tcp),
            Self::Unix(_, file) => Ok(Place::Unix(file.0.clone())),
        }
    }
}

/// Sees to a folder that nobody else can enter, and removes the socket that a process left which is no more.
fn make_room(place: &Place, path: &Path) -> Result<(), ListenError> {
    let taken = |error| ListenError::Taken { place: place.clone(), error };
    let folder = path.parent().unwrap_or(path);
    if !folder.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(taken)?;
    }
    let about = fs::metadata(folder).map_err(taken)?;
    if about.mode() & 0o077 != 0 || about.uid() != rustix::process::geteuid().as_raw() {
        return Err(ListenError::OpenFolder(folder.to_path_buf()));
    }
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(taken(error)),
        Ok(about) if !about.file_type().is_socket() => Err(ListenError::NoSocket(path.to_path_buf())),
        Ok(_) if UnixStream::connect(path).is_ok() => Err(ListenError::InUse(place.clone())),
        Ok(_) => fs::remove_file(path).map_err(taken),
    }
}
