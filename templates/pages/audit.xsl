<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:import href="../parts/history.xsl"/>
<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/security">Security settings</a></nav>
<h1>Audit</h1>
<p class="lead">Who did what, when, and with what outcome. Reading it is recorded too.</p>
<xsl:apply-templates select="audit/filter"/>
<xsl:apply-templates select="audit/history"/>
</xsl:template>

<xsl:template match="filter">
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-audit</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<form id="settings-security-audit-filter" class="panel grid dense" method="get" action="/settings/security/audit" role="search" aria-label="Find audit rows">
<xsl:call-template name="filter-input"><xsl:with-param name="field">from</xsl:with-param><xsl:with-param name="label">From (UTC)</xsl:with-param><xsl:with-param name="value" select="@from"/><xsl:with-param name="hint">Such as 2030-01-31 or 2030-01-31T12:00Z.</xsl:with-param></xsl:call-template>
<xsl:call-template name="filter-input"><xsl:with-param name="field">to</xsl:with-param><xsl:with-param name="label">To (UTC)</xsl:with-param><xsl:with-param name="value" select="@to"/><xsl:with-param name="hint">Not including this time.</xsl:with-param></xsl:call-template>
<xsl:call-template name="filter-input"><xsl:with-param name="field">actor</xsl:with-param><xsl:with-param name="label">Actor</xsl:with-param><xsl:with-param name="value" select="@actor"/><xsl:with-param name="hint">E-mail address, or name of a key or user.</xsl:with-param></xsl:call-template>
<p class="field"><label for="audit-filter-action">Action</label>
<select id="audit-filter-action" name="action"><xsl:call-template name="filter-described"><xsl:with-param name="field">action</xsl:with-param></xsl:call-template>
<option value="">all</option>
<xsl:apply-templates select="action"/>
</select><span class="hint" id="audit-filter-action-hint">What was done.</span></p>
<p class="field"><label for="audit-filter-outcome">Outcome</label>
<select id="audit-filter-outcome" name="outcome"><xsl:call-template name="filter-described"><xsl:with-param name="field">outcome</xsl:with-param></xsl:call-template>
<option value="">all</option>
<xsl:call-template name="outcome"><xsl:with-param name="value">succeeded</xsl:with-param></xsl:call-template>
<xsl:call-template name="outcome"><xsl:with-param name="value">failed</xsl:with-param></xsl:call-template>
<xsl:call-template name="outcome"><xsl:with-param name="value">blocked</xsl:with-param></xsl:call-template>
</select><span class="hint" id="audit-filter-outcome-hint">Blocked: a policy refused it.</span></p>
<xsl:call-template name="filter-input"><xsl:with-param name="field">secret</xsl:with-param><xsl:with-param name="label">Secret</xsl:with-param><xsl:with-param name="value" select="@of"/><xsl:with-param name="hint">Its id, or scope/name.</xsl:with-param></xsl:call-template>
<p class="actions"><button type="submit">Find</button><xsl:text> </xsl:text><a class="button quiet" href="/settings/security/audit">Show all</a></p>
</form>
</xsl:template>

<xsl:template name="filter-input">
<xsl:param name="field"/>
<xsl:param name="label"/>
<xsl:param name="value"/>
<xsl:param name="hint"/>
<p class="field"><label for="audit-filter-{$field}"><xsl:value-of select="$label"/></label>
<input id="audit-filter-{$field}" name="{$field}" type="text" value="{$value}" autocomplete="off" spellcheck="false" autocapitalize="none"><xsl:call-template name="filter-described"><xsl:with-param name="field" select="$field"/></xsl:call-template></input>
<span class="hint" id="audit-filter-{$field}-hint"><xsl:value-of select="$hint"/></span></p>
</xsl:template>

<xsl:template name="filter-described">
<xsl:param name="field"/>
<xsl:call-template name="described"><xsl:with-param name="field" select="$field"/><xsl:with-param name="hint" select="concat('audit-filter-', $field, '-hint')"/><xsl:with-param name="prefix">settings-security-audit</xsl:with-param></xsl:call-template>
</xsl:template>

<xsl:template match="filter/action"><option value="{@name}"><xsl:if test="@name = ../@action"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if><xsl:value-of select="@name"/></option></xsl:template>
<xsl:template name="outcome">
<xsl:param name="value"/>
<option value="{$value}"><xsl:if test="@outcome = $value"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if><xsl:value-of select="$value"/></option>
</xsl:template>

<xsl:template match="history" mode="heading">Rows, the newest first</xsl:template>
<xsl:template match="history" mode="empty">No row is like that.</xsl:template>
<xsl:template match="history" mode="pager">
<xsl:if test="@first='no'"><a><xsl:attribute name="href">/settings/security/audit?<xsl:apply-templates select="../filter" mode="asked"/></xsl:attribute>Newest</a></xsl:if>
<xsl:if test="@next"><a rel="next" id="settings-security-audit-next"><xsl:attribute name="href">/settings/security/audit?<xsl:apply-templates select="../filter" mode="asked"/>before=<xsl:value-of select="@next"/></xsl:attribute>Older</a></xsl:if>
</xsl:template>

<xsl:template match="audit/history">
<xsl:apply-imports/>
<p class="fine">For auditors: <a id="settings-security-audit-xml"><xsl:attribute name="href">/settings/security/audit.xml?<xsl:apply-templates select="../filter" mode="asked"/><xsl:apply-templates select="../export/@size" mode="asked"/></xsl:attribute>these rows as XML</a><xsl:apply-templates select="../export"/>, with what is needed to check them elsewhere.</p>
</xsl:template>

<!-- The file and its signature are of one size, else they would not belong together. -->
<xsl:template match="audit/export"> and their <a id="settings-security-audit-signature"><xsl:attribute name="href">/settings/security/audit.xml.minisig?<xsl:apply-templates select="../filter" mode="asked"/><xsl:apply-templates select="@size" mode="asked"/></xsl:attribute>signature</a></xsl:template>
<xsl:template match="export/@size" mode="asked">size=<xsl:value-of select="."/></xsl:template>

<!-- What was asked for, as the begin of a query. -->
<xsl:template match="filter" mode="asked"><xsl:apply-templates select="@from | @to | @actor | @action | @outcome | @of" mode="asked"/></xsl:template>
<xsl:template match="filter/@*" mode="asked"><xsl:if test=". != ''"><xsl:value-of select="name()"/>=<xsl:call-template name="escaped"><xsl:with-param name="text" select="."/></xsl:call-template>&amp;</xsl:if></xsl:template>

<xsl:template match="filter/@of" mode="asked" priority="1"><xsl:if test=". != ''">target=<xsl:call-template name="escaped"><xsl:with-param name="text" select="."/></xsl:call-template>&amp;</xsl:if></xsl:template>

<!-- XSLT 1.0 has no function for it. What else is no part of a query the browser escapes. -->
<xsl:template name="escaped">
<xsl:param name="text"/>
<xsl:variable name="c" select="substring($text, 1, 1)"/>
<xsl:choose>
<xsl:when test="$c = ''"/>
<xsl:when test="$c = '%'">%25</xsl:when>
<xsl:when test="$c = '&amp;'">%26</xsl:when>
<xsl:when test="$c = '+'">%2B</xsl:when>
<xsl:when test="$c = '#'">%23</xsl:when>
<xsl:when test="$c = ' '">%20</xsl:when>
<xsl:otherwise><xsl:value-of select="$c"/></xsl:otherwise>
</xsl:choose>
<xsl:if test="string-length($text) &gt; 1"><xsl:call-template name="escaped"><xsl:with-param name="text" select="substring($text, 2)"/></xsl:call-template></xsl:if>
</xsl:template>
</xsl:stylesheet>
