"""The history of claims as columns: the tables every fraud rule reads, in DuckDB's words.

Money is in centimes, days are dates, instants carry their offset, keys are text. What the product does
not know of a row is null: a rule without its inputs sees nothing.
"""

TABLES = """
create table providers (
    inpe text primary key, kind text not null, speciality text, sector text, region text,
    latitude double, longitude double, agreed_from date, agreed_until date, practice text,
    bank_account text);
create table members (
    member text primary key, family text, sex text, birth_date date, death_date date, region text,
    latitude double, longitude double, scheme text, rights_from date, rights_until date,
    illnesses text, bank_account text);
create table prescriptions (
    prescription text primary key, prescriber text, member text not null,
    signed_at timestamptz not null, valid_until date);
create table prescription_lines (
    prescription text not null, line text not null, code text not null, quantity integer,
    days integer, repeats integer, primary key (prescription, line));
create table claims (
    claim text primary key, fse_number text, provider text not null, member text not null,
    submitted_at timestamptz not null, prescription text, device text);
create table claim_lines (
    claim text not null, line text not null, kind text not null, code text not null, letter text,
    coefficient decimal(10, 2), quantity integer not null, charged bigint not null,
    care_date date not null, started_at timestamptz, days integer, prescription_line text,
    primary key (claim, line));
create table stays (provider text not null, member text not null, admitted date not null, discharged date);
"""
