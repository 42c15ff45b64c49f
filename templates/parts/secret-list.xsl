<?xml version="1.0" encoding="UTF-8"?>
<!-- The list of secrets: found by name and state, a page by key. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="secrets">
<section aria-labelledby="secrets-heading">
<h2 id="secrets-heading">Secrets</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-secret-filter</xsl:with-param></xsl:apply-templates>
<form id="settings-security-secret-filter" class="filter" method="get" action="/settings/security" role="search" aria-label="Find secrets">
<p class="field"><label for="secret-filter-name">Name begins with</label>
<input id="secret-filter-name" name="name" type="text" value="{@prefix}" autocomplete="off" spellcheck="false" autocapitalize="none" maxlength="160"/></p>
<p class="field"><label for="secret-filter-status">State</label>
<select id="secret-filter-status" name="status">
<xsl:call-template name="state-option"><xsl:with-param name="value">any</xsl:with-param><xsl:with-param name="text">all</xsl:with-param></xsl:call-template>
<xsl:call-template name="state-option"><xsl:with-param name="value">active</xsl:with-param></xsl:call-template>
<xsl:call-template name="state-option"><xsl:with-param name="value">soon</xsl:with-param><xsl:with-param name="text">expires soon</xsl:with-param></xsl:call-template>
<xsl:call-template name="state-option"><xsl:with-param name="value">overdue</xsl:with-param><xsl:with-param name="text">rotation overdue</xsl:with-param></xsl:call-template>
<xsl:call-template name="state-option"><xsl:with-param name="value">expired</xsl:with-param></xsl:call-template>
<xsl:call-template name="state-option"><xsl:with-param name="value">revoked</xsl:with-param></xsl:call-template>
</select></p>
<p class="actions"><button type="submit" class="quiet">Find</button><xsl:apply-templates select="@asked[.='yes']"/></p>
</form>
<div class="table-frame">
<table id="settings-security-secret-metadata" class="stacked">
<xsl:apply-templates select="." mode="rows"/>
</table>
</div>
<xsl:apply-templates select="." mode="pager"/>
</section>
</xsl:template>

<xsl:template match="secrets/@asked"><xsl:text> </xsl:text><a href="/settings/security#secrets-heading">Show all</a></xsl:template>

<xsl:template name="state-option">
<xsl:param name="value"/>
<xsl:param name="text" select="$value"/>
<option value="{$value}"><xsl:if test="@state = $value"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if><xsl:value-of select="$text"/></option>
</xsl:template>

<xsl:template match="secrets" mode="rows"><caption class="empty">No secret is stored yet.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[@first='no']" mode="rows"><caption class="empty">There are no more secrets.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[@asked='yes' and @first='yes']" mode="rows" priority="1"><caption class="empty">No secret is like that.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[error]" mode="rows" priority="2"><caption class="empty">The list could not be read.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[secret]" mode="rows" priority="3">
<caption class="visually-hidden">Metadata of stored secrets; values are never shown</caption>
<thead><tr><th scope="col">Scope</th><th scope="col">Name</th><th scope="col">Key version</th><th scope="col">Last rotated</th><th scope="col">Source</th><th scope="col">Status</th><th scope="col">Expires</th><xsl:if test="@may-write='yes'"><th scope="col">Change</th></xsl:if></tr></thead>
<tbody><xsl:apply-templates select="secret"/></tbody>
</xsl:template>

<xsl:template match="secrets" mode="pager"/>
<xsl:template match="secrets[@first='no' or @next]" mode="pager">
<nav class="pager" aria-label="Pages of secrets">
<xsl:apply-templates select="@first[.='no']"/>
<xsl:apply-templates select="@next"/>
</nav>
</xsl:template>

<!-- A prefix and a state need no escaping: both have a narrow grammar. -->
<xsl:template match="secrets" mode="asked"/>
<xsl:template match="secrets[@asked='yes']" mode="asked">name=<xsl:value-of select="@prefix"/>&amp;status=<xsl:value-of select="@state"/>&amp;</xsl:template>
<xsl:template match="secrets/@first"><a><xsl:attribute name="href">/settings/security?<xsl:apply-templates select=".." mode="asked"/>#secrets-heading</xsl:attribute>First page</a></xsl:template>
<xsl:template match="secrets/@next"><a rel="next" id="settings-security-secret-next"><xsl:attribute name="href">/settings/security?<xsl:apply-templates select=".." mode="asked"/>after=<xsl:value-of select="."/>#secrets-heading</xsl:attribute>Next page</a></xsl:template>

<xsl:template match="secrets/secret">
<tr id="settings-security-secret-{@id}">
<td data-label="Scope"><xsl:apply-templates select="@project" mode="wide"/><span><xsl:value-of select="@scope"/><xsl:apply-templates select="@project"/></span></td>
<th scope="row" data-label="Name" class="long"><a href="/settings/security/secrets/{@id}"><xsl:value-of select="@secret-name"/></a></th>
<td data-label="Key version" id="settings-security-secret-key-version-{@id}"><xsl:value-of select="@key-version"/></td>
<td data-label="Last rotated" id="settings-security-secret-rotated-at-{@id}"><time datetime="{@rotated-at}"><xsl:value-of select="@rotated-at-text"/></time></td>
<td data-label="Source" id="settings-security-secret-source-value-{@id}"><xsl:value-of select="@source"/></td>
<td data-label="Status" id="settings-security-secret-status-{@id}"><xsl:apply-templates select="." mode="state"/></td>
<td data-label="Expires"><xsl:apply-templates select="." mode="expiry"/></td>
<xsl:if test="../@may-write='yes'"><td data-label="Change"><xsl:apply-templates select="." mode="change"/></td></xsl:if>
</tr>
</xsl:template>

<xsl:template match="secret" mode="change">
<div class="row-actions">
<a class="button quiet" href="/settings/security/secrets/{@id}#settings-security-secret-rotate-form"><xsl:apply-templates select="@state" mode="verb"/><span class="visually-hidden"><xsl:text> </xsl:text><xsl:value-of select="@secret-name"/></span></a>
<xsl:apply-templates select="@state[.!='revoked']" mode="revoke"/>
</div>
</xsl:template>
<xsl:template match="secret/@state" mode="verb">Rotate</xsl:template>
<xsl:template match="secret/@state[.='revoked']" mode="verb">Store anew</xsl:template>
<xsl:template match="secret/@state" mode="revoke">
<form id="settings-security-secret-revoke-{../@id}" method="post" action="/settings/security/secrets/{../@id}/revoke">
<input type="hidden" name="_csrf" value="{../../@csrf}"/>
<input type="hidden" name="security_secret[expected]" value="{../@key-version}"/>
<button type="submit" class="quiet danger">Revoke…<span class="visually-hidden"><xsl:text> </xsl:text><xsl:value-of select="../@secret-name"/></span></button>
</form>
</xsl:template>

<xsl:template match="@project" mode="wide"><xsl:attribute name="class">long</xsl:attribute></xsl:template>
<xsl:template match="secrets/secret/@project"><xsl:text> </xsl:text><span class="fine long"><xsl:value-of select="."/></span></xsl:template>
</xsl:stylesheet>
