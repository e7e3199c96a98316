"""Variables of the environment: what serves runs tells them by these what they may do and where they are seen."""

# The folders whose functions a deployment may run, and whose files of points it may read, as a path list.
FOLDERS = "TAYLORKIT_FUNCTION_FOLDERS"

# The Dask schedulers that a deployment may send its tasks to, with commas between them.
SCHEDULERS = "TAYLORKIT_DASK_SCHEDULERS"

# Seconds for which a process waits for another that holds a lock of the store.
LOCK_SECONDS = "TAYLORKIT_LOCK_SECONDS"

# Set by what serves pages over HTTP: where they are found, and the folder that this is.
ADDRESS, FOLDER = "TAYLORKIT_PAGES_URL", "TAYLORKIT_PAGES_FOLDER"
