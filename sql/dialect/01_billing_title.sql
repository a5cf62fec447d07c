-- purpose: tell whether a title is that of somebody who handles invoices
-- reads: none; writes: is_billing_title
--
-- English: accounts payable, billing, invoicing, finance, treasury, controller, bookkeeper, accountant, CFO. German:
-- Buchhaltung, Rechnung, Finanzen, Kreditoren. French: facturation, comptable, trésorier. Spanish: facturación,
-- contable, tesorería, cuentas por pagar. Parts of words, whatever the case; only the short ones must stand alone.
-- Stands apart because engines differ in how they match an expression.
CREATE MACRO is_billing_title(title) AS
    title IS NOT NULL
    AND regexp_matches(title, '(?i)payable|billing|invoic|financ|finanz|treasur|controller|controlling|bookkeep|accounting|accountant|buchhalt|rechnung|kreditor|factur|comptab|tr[eé]sor|contab|tesorer|cuentas por pagar|\bcfo\b|\ba/?p\b')
