"""Makes a site of docs/, and looks at every page of it as a reader without a network would."""
