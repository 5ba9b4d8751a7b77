-- What people were called last, to be shown: beside the salt, so that whoever is forgotten is forgotten with it.
alter table actors add column login text;
